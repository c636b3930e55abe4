namespace SaaS.Client.LegacyPlatforms;

public enum LegacyUserNames
{
    /// <summary>The whole address.</summary>
    Address,
    LocalPart,
    /// <summary>By a template: %u is the address, %n its local part, %d its domain.</summary>
    Template,
}

public enum LegacyEncryption
{
    /// <summary>TLS from the first octet.</summary>
    Implicit,
    StartTls,
    /// <summary>Passwords and mail in clear: only on platforms of an operator.</summary>
    None,
}

/// <param name="ProxyProtocol">The client's address goes ahead in a PROXY header, version 2.</param>
public sealed record LegacyHost(string Host, int Port, LegacyEncryption Encryption, bool ProxyProtocol = false);

/// <summary>Null: the platform has no such service. IMAP or POP3 is needed, and delivery.</summary>
public sealed record LegacyHosts(
    LegacyHost? Imap = null, LegacyHost? Pop3 = null, LegacyHost? Submission = null, LegacyHost? ManageSieve = null, LegacyHost? Delivery = null,
    bool DeliveryByLmtp = false);

/// <summary>A mail system that accounts move away from. Without tenant and reseller it is everybody's.</summary>
/// <param name="OperatorDefined">Only operators change it, and it may stand at private addresses.</param>
/// <param name="MasterUser">Null where there is none, and where it is not yours to see.</param>
/// <param name="HasMasterUser">Somebody signs in for accounts that are known here.</param>
/// <param name="Accounts">That belong to it.</param>
/// <param name="AtHome">Of these, those that are still at home there.</param>
/// <param name="Editable">Yours to change.</param>
public sealed record LegacyPlatformView(
    long Id, long? ResellerId, long? TenantId, bool OperatorDefined, string Name, LegacyHosts Hosts, LegacyUserNames UserNames, string? UserNameTemplate,
    bool VerifyCertificate, string? CertificateSha256, bool SendXClient, bool SendImapId, string? MasterUser, bool HasMasterUser, string? MasterSeparator,
    bool CapturePasswords, int MaxConnections, int Accounts, int AtHome, bool Editable, DateTimeOffset CreatedAt, string Version);

/// <param name="MasterUser">Signs in as any account, for those who proved here who they are.</param>
/// <param name="MasterSeparator">Stands between account and master in the login; null: SASL PLAIN's authorisation identity says whose mailbox it is.</param>
/// <param name="CapturePasswords">A password that the platform accepted becomes the account's here.</param>
/// <param name="MaxConnections">That a node opens to one of its ports; 0: the node's default.</param>
public sealed record CreateLegacyPlatform(
    string Name, LegacyHosts Hosts, LegacyUserNames UserNames = LegacyUserNames.Address, string? UserNameTemplate = null, bool VerifyCertificate = true,
    string? CertificateSha256 = null, bool SendXClient = false, bool SendImapId = false, string? MasterUser = null, string? MasterPassword = null,
    string? MasterSeparator = null, bool CapturePasswords = false, int MaxConnections = 0, long? ResellerId = null, long? TenantId = null);

/// <summary>Null leaves a field as it is; "" takes a text away.</summary>
public sealed record UpdateLegacyPlatform(
    string? Name = null, LegacyHosts? Hosts = null, LegacyUserNames? UserNames = null, string? UserNameTemplate = null, bool? VerifyCertificate = null,
    string? CertificateSha256 = null, bool? SendXClient = null, bool? SendImapId = null, string? MasterUser = null, string? MasterPassword = null,
    string? MasterSeparator = null, bool? CapturePasswords = null, int? MaxConnections = null);

/// <summary>Flips a domain's accounts, or those of a list, to the platform or from there to here. Takes effect at the next sign-in and delivery.</summary>
/// <param name="AtLegacy">True: to the platform; false: here.</param>
/// <param name="DomainId">All accounts of the domain.</param>
/// <param name="Addresses">Or these, at most 10,000.</param>
public sealed record MoveHomes(bool AtLegacy, long? DomainId = null, IReadOnlyList<string>? Addresses = null);

/// <param name="Changed">Accounts that were flipped.</param>
/// <param name="Unchanged">Accounts that were there already.</param>
/// <param name="Refused">Addresses that are nobody's, or of somebody whose rights exceed yours or the platform's.</param>
public sealed record HomesMovedView(int Changed, int Unchanged, IReadOnlyList<string> Refused);
