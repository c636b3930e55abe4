namespace SaaS.Api.Tests.Tenancy;

/// <summary>What must come back where the endpoint's policy lets the caller in at all (401 or 403 where not).</summary>
internal enum Expect
{
    /// <summary>404: for this caller the object does not exist.</summary>
    Hidden,

    /// <summary>200 without a trace of the estate.</summary>
    Filtered,

    /// <summary>About the caller itself: answers, without a trace of the estate.</summary>
    Own,

    /// <summary>For everybody, and so without a trace of anybody.</summary>
    Public,

    /// <summary>A stream that is only opened.</summary>
    Stream,

    /// <summary>200 with JMAP's accountNotFound in every response.</summary>
    NoAccount,
}

/// <summary>One call of an endpoint at the objects of an estate.</summary>
/// <param name="Endpoint">Method and pattern, as routing knows it.</param>
/// <param name="Expect">What must come back.</param>
/// <param name="Path">Where the call goes.</param>
/// <param name="Body">What it carries, as JSON.</param>
internal sealed record Row(string Endpoint, Expect Expect, Func<Estate, string> Path, Func<Estate, object>? Body = null)
{
    public string Method => Endpoint[..Endpoint.IndexOf(' ', StringComparison.Ordinal)];
}

/// <summary>Every endpoint of the Api. A new endpoint fails the matrix until it has a row here.</summary>
internal static class Rows
{
    private static readonly object OldHosts = new
    {
        imap = new { host = "imap.thief.test", port = 993, encryption = "implicit" },
        delivery = new { host = "mx.thief.test", port = 25, encryption = "startTls" },
    };

    private static readonly string[] Scopes = ["admin"];
    private static readonly string[] Targets = ["thief@elsewhere.test"];

    public static IReadOnlyList<Row> All { get; } =
    [
        // Resellers
        List("/v1/resellers"), List("/v1/resellers", e => $"?q={e.Mark}"),
        new("POST /v1/resellers", Expect.Hidden, _ => "/v1/resellers", _ => new { name = "Mine" }),
        Get("/v1/resellers/{id:long}", e => e.Reseller),
        Hidden("PATCH /v1/resellers/{id:long}", e => $"/v1/resellers/{e.Reseller}", _ => new { name = "Taken" }),
        Hidden("DELETE /v1/resellers/{id:long}", e => $"/v1/resellers/{e.Reseller}"),
        Get("/v1/resellers/{id:long}/admins", e => e.Reseller),
        Hidden("POST /v1/resellers/{id:long}/admins", e => $"/v1/resellers/{e.Reseller}/admins",
            _ => new { login = "thief@elsewhere.test", displayName = "Thief", password = World.Password }),
        Hidden("DELETE /v1/resellers/{id:long}/admins/{userId:long}", e => $"/v1/resellers/{e.Reseller}/admins/{e.ResellerAdmin}"),

        // Plans
        List("/v1/plans"), List("/v1/plans", e => $"?q={e.Mark}"),
        Hidden("POST /v1/plans", _ => "/v1/plans", e => new { name = "Planted", accountQuotaBytes = 1 << 30, resellerId = e.Reseller }),
        Get("/v1/plans/{id:long}", e => e.Plan),
        Hidden("PATCH /v1/plans/{id:long}", e => $"/v1/plans/{e.Plan}", _ => new { name = "Taken" }),
        Hidden("DELETE /v1/plans/{id:long}", e => $"/v1/plans/{e.Plan}"),

        // Tenants
        List("/v1/tenants"), List("/v1/tenants", e => $"?q={e.Mark}"), List("/v1/tenants", e => $"?resellerId={e.Reseller}"),
        Hidden("POST /v1/tenants", _ => "/v1/tenants", e => new { name = "Planted", planId = e.Plan, resellerId = e.Reseller }),
        Hidden("POST /v1/tenants", _ => "/v1/tenants", e => new { name = "On their plan", planId = e.Plan }),
        Get("/v1/tenants/{id:long}", e => e.Tenant),
        Hidden("PATCH /v1/tenants/{id:long}", e => $"/v1/tenants/{e.Tenant}", _ => new { suspended = true }),
        Hidden("DELETE /v1/tenants/{id:long}", e => $"/v1/tenants/{e.Tenant}"),

        // Domains
        List("/v1/domains"), List("/v1/domains", e => $"?q={e.Mark}"), List("/v1/domains", e => $"?tenantId={e.Tenant}"),
        Hidden("POST /v1/domains", _ => "/v1/domains", e => new { name = "planted.example", tenantId = e.Tenant }),
        Get("/v1/domains/{id:long}", e => e.Domain),
        Hidden("PATCH /v1/domains/{id:long}", e => $"/v1/domains/{e.Domain}", _ => new { catchAll = "thief@elsewhere.test" }),
        Hidden("DELETE /v1/domains/{id:long}", e => $"/v1/domains/{e.Domain}"),
        Hidden("POST /v1/domains/{id:long}/verify", e => $"/v1/domains/{e.Domain}/verify"),
        Hidden("POST /v1/domains/{id:long}/vouch", e => $"/v1/domains/{e.Domain}/vouch"),
        Get("/v1/domains/{id:long}/dns", e => e.Domain),

        // Accounts
        List("/v1/accounts"), List("/v1/accounts", e => $"?q={e.Mark}"), List("/v1/accounts", e => $"?tenantId={e.Tenant}"),
        List("/v1/accounts", e => $"?domainId={e.Domain}"),
        Hidden("POST /v1/accounts", _ => "/v1/accounts",
            e => new { address = $"thief@{e.DomainName}", displayName = "Thief", password = World.Password }),
        Get("/v1/accounts/{id:long}", e => e.Account),
        Hidden("PATCH /v1/accounts/{id:long}", e => $"/v1/accounts/{e.Account}", _ => new { forwardTo = Targets }),
        Hidden("DELETE /v1/accounts/{id:long}", e => $"/v1/accounts/{e.Account}"),
        Hidden("POST /v1/accounts/{id:long}/password", e => $"/v1/accounts/{e.Account}/password", _ => new { password = World.Password + "!" }),
        Hidden("POST /v1/accounts/{id:long}/suspend", e => $"/v1/accounts/{e.Account}/suspend", _ => new { suspended = true }),

        Hidden("POST /v1/accounts/{id:long}/password-hash", e => $"/v1/accounts/{e.Account}/password-hash", _ => new { passwordHash = "{SSHA}w9xekOWTxYHiPm23UUSxprP1NzUG7ylz" }),
        Hidden("POST /v1/accounts/{id:long}/home", e => $"/v1/accounts/{e.Account}/home", e => new { atLegacy = true, platformId = e.LegacyPlatform }),
        Get("/v1/accounts/{id:long}/app-passwords", e => e.Account),
        Hidden("DELETE /v1/accounts/{id:long}/app-passwords/{entry:long}", e => $"/v1/accounts/{e.Account}/app-passwords/{e.AppPassword}"),

        // Legacy platforms
        List("/v1/legacy-platforms"), List("/v1/legacy-platforms", e => $"?q={e.Mark}"), List("/v1/legacy-platforms", e => $"?tenantId={e.Tenant}"),
        Hidden("POST /v1/legacy-platforms", _ => "/v1/legacy-platforms", e => new { name = "Planted", hosts = OldHosts, tenantId = e.Tenant }),
        Hidden("POST /v1/legacy-platforms", _ => "/v1/legacy-platforms", e => new { name = "Planted", hosts = OldHosts, resellerId = e.Reseller }),
        Get("/v1/legacy-platforms/{id:long}", e => e.LegacyPlatform),
        Hidden("PATCH /v1/legacy-platforms/{id:long}", e => $"/v1/legacy-platforms/{e.LegacyPlatform}", _ => new { hosts = OldHosts }),
        Hidden("DELETE /v1/legacy-platforms/{id:long}", e => $"/v1/legacy-platforms/{e.LegacyPlatform}"),
        Hidden("POST /v1/legacy-platforms/{id:long}/accounts", e => $"/v1/legacy-platforms/{e.LegacyPlatform}/accounts", e => new { atLegacy = true, domainId = e.Domain }),

        // Aliases
        List("/v1/aliases"), List("/v1/aliases", e => $"?q={e.Mark}"), List("/v1/aliases", e => $"?tenantId={e.Tenant}"),
        List("/v1/aliases", e => $"?domainId={e.Domain}"),
        Hidden("POST /v1/aliases", _ => "/v1/aliases", e => new { address = $"planted@{e.DomainName}", targets = Targets }),
        Get("/v1/aliases/{id:long}", e => e.Alias),
        Hidden("PATCH /v1/aliases/{id:long}", e => $"/v1/aliases/{e.Alias}", _ => new { targets = Targets }),
        Hidden("DELETE /v1/aliases/{id:long}", e => $"/v1/aliases/{e.Alias}"),

        // Groups
        List("/v1/groups"), List("/v1/groups", e => $"?q={e.Mark}"), List("/v1/groups", e => $"?tenantId={e.Tenant}"),
        List("/v1/groups", e => $"?domainId={e.Domain}"),
        Hidden("POST /v1/groups", _ => "/v1/groups", e => new { address = $"planted@{e.DomainName}", name = "Planted" }),
        Get("/v1/groups/{id:long}", e => e.Group),
        Hidden("PATCH /v1/groups/{id:long}", e => $"/v1/groups/{e.Group}", _ => new { name = "Taken" }),
        Hidden("DELETE /v1/groups/{id:long}", e => $"/v1/groups/{e.Group}"),
        Get("/v1/groups/{id:long}/members", e => e.Group),
        Hidden("POST /v1/groups/{id:long}/members", e => $"/v1/groups/{e.Group}/members", _ => new { addresses = Targets }),
        Hidden("DELETE /v1/groups/{id:long}/members/{address}", e => $"/v1/groups/{e.Group}/members/{e.UserLogin}"),

        // Settings
        .. Settings("GET /v1/settings/{scope}/{ownerId:long}", "", null),
        .. Settings("PUT /v1/settings/{scope}/{ownerId:long}/{key}", "/forwarding.external", _ => new { value = true }),
        .. Settings("DELETE /v1/settings/{scope}/{ownerId:long}/{key}", "/forwarding.external", null),

        // Brands
        Public("GET /v1/branding", "/v1/branding"), Public("GET /v1/branding/logo", "/v1/branding/logo"),
        List("/v1/brands"), List("/v1/brands", e => $"?q={e.Mark}"),
        Hidden("PUT /v1/resellers/{id:long}/brand", e => $"/v1/resellers/{e.Reseller}/brand", _ => Brand),
        Hidden("PUT /v1/tenants/{id:long}/brand", e => $"/v1/tenants/{e.Tenant}/brand", _ => Brand),
        Get("/v1/brands/{id:long}/logo", e => e.Brand),
        Hidden("PUT /v1/brands/{id:long}/logo", e => $"/v1/brands/{e.Brand}/logo", _ => "not an image"),
        Hidden("DELETE /v1/brands/{id:long}/logo", e => $"/v1/brands/{e.Brand}/logo"),
        Hidden("POST /v1/brands/{id:long}/hosts", e => $"/v1/brands/{e.Brand}/hosts", _ => new { host = "mail.elsewhere.test" }),
        new("PUT /v1/brand", Expect.Hidden, _ => "/v1/brand", _ => Brand),
        Hidden("POST /v1/brands/{id:long}/hosts/{host}/verify", e => $"/v1/brands/{e.Brand}/hosts/mail.{e.Mark}-reseller.test/verify"),
        Hidden("POST /v1/brands/{id:long}/hosts/{host}/vouch", e => $"/v1/brands/{e.Brand}/hosts/mail.{e.Mark}-reseller.test/vouch"),
        Hidden("DELETE /v1/brands/{id:long}/hosts/{host}", e => $"/v1/brands/{e.Brand}/hosts/mail.{e.Mark}-reseller.test"),

        // Queue
        List("/v1/queue"), List("/v1/queue", e => $"?q={e.Mark}"), List("/v1/queue", e => $"?tenantId={e.Tenant}"),
        List("/v1/queue", e => $"?destination={e.Mark}-friends.test"),
        List("/v1/queue/destinations"),
        List("/v1/queue/count", e => $"?tenantId={e.Tenant}"),
        new("POST /v1/queue/actions", Expect.Filtered, _ => "/v1/queue/actions", e => new { action = "delete", tenantId = e.Tenant }),
        new("POST /v1/queue/actions", Expect.Filtered, _ => "/v1/queue/actions", e => new { action = "hold", destination = $"{e.Mark}-friends.test" }),
        Get("/v1/queue/{id:long}", e => e.Queued),
        Hidden("POST /v1/queue/{id:long}/hold", e => $"/v1/queue/{e.Queued}/hold"),
        Hidden("POST /v1/queue/{id:long}/release", e => $"/v1/queue/{e.Queued}/release"),
        Hidden("POST /v1/queue/{id:long}/retry", e => $"/v1/queue/{e.Queued}/retry"),
        Hidden("POST /v1/queue/{id:long}/bounce", e => $"/v1/queue/{e.Queued}/bounce"),
        Hidden("DELETE /v1/queue/{id:long}", e => $"/v1/queue/{e.Queued}"),

        // Nodes, audit, the caller's own
        List("/v1/nodes"),
        new("POST /v1/nodes/{id}/drain", Expect.Hidden, _ => "/v1/nodes/n:api:1/drain", _ => new { draining = true }),
        List("/v1/audit"), List("/v1/audit", e => $"?q={e.Mark}"), List("/v1/audit", e => $"?tenantId={e.Tenant}"),
        new("GET /v1/me", Expect.Own, _ => "/v1/me"),
        new("GET /v1/me/app-passwords", Expect.Own, _ => "/v1/me/app-passwords"),
        new("POST /v1/me/app-passwords", Expect.Own, _ => "/v1/me/app-passwords", _ => new { current = "not this one", label = "Phone" }),
        Hidden("DELETE /v1/me/app-passwords/{id:long}", e => $"/v1/me/app-passwords/{e.AppPassword}"),
        new("PATCH /v1/me", Expect.Own, _ => "/v1/me", _ => new { displayName = "Me" }),
        new("GET /v1/me/preferences", Expect.Own, _ => "/v1/me/preferences"),
        new("PATCH /v1/me/preferences", Expect.Own, _ => "/v1/me/preferences", _ => new Dictionary<string, object> { ["webmail.undoSeconds"] = 9 }),
        new("POST /v1/me/password", Expect.Own, _ => "/v1/me/password", _ => new { current = World.Password, password = "short" }),

        new("GET /v1/me/security", Expect.Own, _ => "/v1/me/security"),
        new("POST /v1/me/totp", Expect.Own, _ => "/v1/me/totp", _ => new { password = "wrong" }),
        Hidden("POST /v1/me/totp/confirm", _ => "/v1/me/totp/confirm", _ => new { code = "123456" }),
        new("POST /v1/me/totp/remove", Expect.Own, _ => "/v1/me/totp/remove", _ => new { password = "wrong" }),
        new("POST /v1/me/recovery-codes", Expect.Own, _ => "/v1/me/recovery-codes", _ => new { password = "wrong" }),
        new("POST /v1/me/passkeys/options", Expect.Own, _ => "/v1/me/passkeys/options", _ => new { password = "wrong" }),
        new("POST /v1/me/passkeys", Expect.Own, _ => "/v1/me/passkeys", _ => new { name = "Key", credential = "{}", state = "forged" }),
        Hidden("DELETE /v1/me/passkeys/{id}", _ => "/v1/me/passkeys/AAAA"),
        new("GET /v1/me/sessions", Expect.Own, _ => "/v1/me/sessions"),
        Hidden("DELETE /v1/me/sessions/{id}", e => $"/v1/me/sessions/{e.Session:N}"),

        // OAuth clients
        List("/v1/oauth-clients"),
        Hidden("POST /v1/oauth-clients", _ => "/v1/oauth-clients", e => new { name = "Planted", kind = "service", scopes = Scopes, tenantId = e.Tenant }),
        Hidden("POST /v1/oauth-clients", _ => "/v1/oauth-clients", e => new { name = "Planted", kind = "service", scopes = Scopes, resellerId = e.Reseller }),
        Hidden("DELETE /v1/oauth-clients/{clientId}", e => $"/v1/oauth-clients/{e.ServiceClient}"),
        Hidden("POST /v1/oauth-clients/{clientId}/secret", e => $"/v1/oauth-clients/{e.ServiceClient}/secret"),

        // JMAP: what the methods do is walked with the methods.
        Public("GET /.well-known/jmap", "/.well-known/jmap"),
        new("GET /jmap/session", Expect.Own, _ => "/jmap/session"),
        new("POST /jmap/api", Expect.NoAccount, _ => "/jmap/api", JmapCalls),
        Hidden("POST /jmap/upload/{accountId}", e => $"/jmap/upload/A{e.Account}/", _ => "bytes"),
        Hidden("GET /jmap/download/{accountId}/{blobId}/{name}", e => $"/jmap/download/A{e.Account}/M1/mail.eml"),
        new("GET /jmap/eventsource", Expect.Stream, _ => "/jmap/eventsource?types=*&closeafter=state&ping=0"),

        // For everybody
        Public("GET /health/live", "/health/live"), Public("GET /health/ready", "/health/ready"),
        Public("GET /openapi/{documentName}.json", "/openapi/v1.json"),
        Public("GET /reference/{documentName?}", "/reference/"),
        Public("GET /reference/favicon.svg", "/reference/favicon.svg"), Public("GET /reference/scalar.js", "/reference/scalar.js"),
        Public("GET /reference/scalar.aspnetcore.js", "/reference/scalar.aspnetcore.js"),
        Public("GET /connect/site.css", "/connect/site.css"),
        Public("GET /connect/site.js", "/connect/site.js"),
        Public("POST /connect/second-factor", "/connect/second-factor"), Public("POST /connect/second-factor/setup", "/connect/second-factor/setup"),
        Public("POST /connect/passkey/options", "/connect/passkey/options"), Public("POST /connect/passkey", "/connect/passkey"),
        Public("GET /connect/authorize", "/connect/authorize"), Public("POST /connect/authorize", "/connect/authorize"),
        Public("POST /connect/token", "/connect/token"),
        Public("GET /connect/userinfo", "/connect/userinfo"), Public("POST /connect/userinfo", "/connect/userinfo"),
        Public("GET /connect/logout", "/connect/logout"), Public("POST /connect/logout", "/connect/logout"),
        Public("GET /connect/sign-in", "/connect/sign-in"), Public("POST /connect/sign-in", "/connect/sign-in"),
        Public("GET /connect/consent", "/connect/consent"), Public("POST /connect/consent", "/connect/consent"),

        // The caller's other sessions end: nobody's here but its own.
        new("POST /v1/me/sessions/end-others", Expect.Own, _ => "/v1/me/sessions/end-others"),
        Hidden("POST /v1/accounts/{id:long}/second-factor/reset", e => $"/v1/accounts/{e.Account}/second-factor/reset"),
    ];

    private static object Brand => new { name = "Taken", primaryColor = "#000000", accentColor = "#000000" };

    private static Dictionary<string, object> JmapCalls(Estate e) => new Dictionary<string, object>
    {
        ["using"] = new[] { "urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "urn:ietf:params:jmap:submission", "urn:ietf:params:jmap:sieve", "urn:ietf:params:jmap:vacationresponse" },
        ["methodCalls"] = new[] { "Mailbox/get", "Email/query", "Email/get", "Thread/get", "Identity/get", "EmailSubmission/query", "SieveScript/get", "SieveScript/query", "VacationResponse/get" }
            .Select((method, i) => new object[] { method, new { accountId = $"A{e.Account}" }, $"c{i}" }).ToArray(),
    };

    private static Row Get(string pattern, Func<Estate, long> id) => new(
        "GET " + pattern, Expect.Hidden, e => pattern.Replace("{id:long}", id(e).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));

    private static Row Hidden(string endpoint, Func<Estate, string> path, Func<Estate, object>? body = null) => new(endpoint, Expect.Hidden, path, body);

    private static Row List(string path, Func<Estate, string>? query = null) => new("GET " + path, Expect.Filtered, e => path + query?.Invoke(e));

    private static Row Public(string endpoint, string path) => new(endpoint, Expect.Public, _ => path);

    // At every level, the platform's own included.
    private static IEnumerable<Row> Settings(string endpoint, string rest, Func<Estate, object>? body) =>
    [
        Hidden(endpoint, _ => "/v1/settings/platform/0" + rest, body),
        Hidden(endpoint, e => $"/v1/settings/reseller/{e.Reseller}{rest}", body),
        Hidden(endpoint, e => $"/v1/settings/tenant/{e.Tenant}{rest}", body),
        Hidden(endpoint, e => $"/v1/settings/domain/{e.Domain}{rest}", body),
        Hidden(endpoint, e => $"/v1/settings/account/{e.Account}{rest}", body),
    ];
}
