namespace SaaS.Api.Identity;

/// <summary>Scopes and claims of our tokens.</summary>
internal static class OAuthNames
{
    public const string MailRead = Domain.Accounts.AccessTokens.MailRead;
    public const string MailSend = Domain.Accounts.AccessTokens.MailSend;
    public const string Admin = "admin";

    /// <summary>The first-party web client: same-origin redirects on any brand host, no consent.</summary>
    public const string Webmail = "webmail";

    public const string Resource = "postyard";

    public const string AccountId = "account_id";
    public const string TenantId = "tenant_id";
    public const string ResellerId = "reseller_id";

    /// <summary>A hash of the user's security stamp: the token ends when it changes.</summary>
    public const string Stamp = "stamp";

    /// <summary>The session that a token of the web client follows from: the token ends with it.</summary>
    public const string Session = "sid";

    /// <summary>Cookie of the sign-in pages.</summary>
    public const string SessionScheme = "session";

    public static string StampOf(string securityStamp) => Domain.Accounts.AccessTokens.StampOf(securityStamp);

    public static string RoleName(Domain.Accounts.Role role) => role switch
    {
        Domain.Accounts.Role.Operator => "operator",
        Domain.Accounts.Role.ResellerAdmin => "reseller_admin",
        Domain.Accounts.Role.TenantAdmin => "tenant_admin",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };
}
