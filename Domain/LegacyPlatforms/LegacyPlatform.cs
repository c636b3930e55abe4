using SaaS.Domain.Common;

namespace SaaS.Domain.LegacyPlatforms;

/// <summary>How an account's user name looks on a legacy platform.</summary>
public enum LegacyUserNameForm
{
    Address = 0,
    LocalPart = 1,
    /// <summary>As the template says: %u is the address, %n its local-part, %d its domain.</summary>
    Template = 2,
}

/// <summary>
/// A mail system that accounts move away from. While an account is at home there, sign-ins and mail are passed on to it. It belongs to a tenant, to a
/// reseller with all its tenants, or (without either) to everybody.
/// </summary>
public sealed class LegacyPlatform
{
    public LegacyPlatformId Id { get; set; }
    public ResellerId? ResellerId { get; set; }
    public TenantId? TenantId { get; set; }
    /// <summary>An operator made it: it may stand at a private address, and only operators change it.</summary>
    public bool OperatorDefined { get; set; }
    public required string Name { get; set; }
    public LegacyEndpoints Endpoints { get; set; } = new();
    public LegacyUserNameForm UserNameForm { get; set; }
    public string? UserNameTemplate { get; set; }
    /// <summary>TLS counts only with a certificate that verifies for the host's name.</summary>
    public bool VerifyCertificate { get; set; } = true;
    /// <summary>Hex SHA-256 of the one certificate that is taken, verified or not.</summary>
    public string? CertificateSha256 { get; set; }
    /// <summary>May be told the client's address by XCLIENT, where it offers that.</summary>
    public bool SendXClient { get; set; }
    /// <summary>May be told the client's address by IMAP ID.</summary>
    public bool SendImapId { get; set; }
    /// <summary>Signs in as any account, for those who proved here who they are. Null: only the account's own password does.</summary>
    public string? MasterUser { get; set; }
    /// <summary>Encrypted (<see cref="Keys.KeyProtection"/>).</summary>
    public string? MasterPassword { get; set; }
    /// <summary>Stands between account and master in the login (Dovecot: *); null: SASL PLAIN's authorisation identity says whose mailbox it is.</summary>
    public string? MasterSeparator { get; set; }
    /// <summary>A password that it accepted becomes the account's password here.</summary>
    public bool CapturePasswords { get; set; }
    /// <summary>Connections that one node opens to one of its ports; 0: what the node's options say.</summary>
    public int MaxConnections { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public uint Version { get; set; }

    /// <summary>What the row's secrets are bound to.</summary>
    public static string SecretRow(LegacyPlatformId id) => $"legacy_platform:{id}";

    /// <summary>The account's user name there.</summary>
    public string UserNameOf(MailAddress address, string? own) => own ?? UserNameForm switch
    {
        LegacyUserNameForm.Address => address.ToString(),
        LegacyUserNameForm.LocalPart => address.LocalPart,
        _ => Expand(UserNameTemplate ?? "%u", address),
    };

    private static string Expand(string template, MailAddress address)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] == '%' && i + 1 < template.Length)
            {
                text.Append(template[++i] switch
                {
                    'u' => address.ToString(),
                    'n' => address.LocalPart,
                    'd' => address.Domain,
                    var other => other.ToString(),
                });
            }
            else
            {
                text.Append(template[i]);
            }
        }

        return text.ToString();
    }
}
