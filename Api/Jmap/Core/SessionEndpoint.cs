using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Client.Jmap;
using SaaS.Domain.Sharing;
using SaaS.Domain.Sieve;
using SaaS.Domain.Submissions;
using MailboxRights = SaaS.Domain.Sharing.MailboxRights;

namespace SaaS.Api.Jmap.Core;

/// <summary>GET /jmap/session (RFC 8620 §2); /.well-known/jmap leads here.</summary>
internal static class SessionEndpoint
{
    public static readonly IReadOnlySet<string> Capabilities =
        new HashSet<string>(StringComparer.Ordinal)
        {
            JmapCapability.Core, JmapCapability.Mail, JmapCapability.Submission, JmapCapability.Sieve, JmapCapability.VacationResponse,
        };

    public static async Task<IResult> HandleAsync(
        HttpContext http, JmapAccess access, IOptions<JmapOptions> options, SieveLimits sieve, CancellationToken ct)
    {
        var caller = JmapCaller.Of(http.User);
        var limits = options.Value;
        var origin = $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}";
        var accounts = new JsonObject();
        var primary = new JsonObject();
        var usable = await access.AccountsAsync(caller, ct);
        foreach (var account in usable)
        {
            var id = JmapIds.Of(account.Id);
            var capabilities = new JsonObject { [JmapCapability.Core] = new JsonObject() };
            if (caller.MayRead)
            {
                capabilities[JmapCapability.Mail] = MailCapability(limits, account);
                if (account.Offers(JmapCapability.Sieve))
                {
                    capabilities[JmapCapability.Sieve] = Sieve.ScriptJson.Capability(sieve);
                    capabilities[JmapCapability.VacationResponse] = new JsonObject();
                }
            }

            if (caller.MaySend && account.Offers(JmapCapability.Submission))
            {
                capabilities[JmapCapability.Submission] = SubmissionCapability();
            }

            accounts[id] = new JsonObject
            {
                ["name"] = account.Shared?.Address ?? caller.UserName,
                ["isPersonal"] = account.Shared is null,
                ["isReadOnly"] = account.IsReadOnly,
                ["accountCapabilities"] = capabilities,
            };
            if (account.Shared is null)
            {
                foreach (var (capability, _) in capabilities)
                {
                    primary[capability] = id;
                }
            }
        }

        http.Response.Headers.CacheControl = "no-cache, no-store, must-revalidate";
        return Results.Json(new JsonObject
        {
            ["capabilities"] = new JsonObject
            {
                [JmapCapability.Core] = new JsonObject
                {
                    ["maxSizeUpload"] = limits.MaxSizeUpload,
                    ["maxConcurrentUpload"] = limits.MaxConcurrentUpload,
                    ["maxSizeRequest"] = limits.MaxSizeRequest,
                    ["maxConcurrentRequests"] = limits.MaxConcurrentRequests,
                    ["maxCallsInRequest"] = limits.MaxCallsInRequest,
                    ["maxObjectsInGet"] = limits.MaxObjectsInGet,
                    ["maxObjectsInSet"] = limits.MaxObjectsInSet,
                    ["collationAlgorithms"] = new JsonArray("i;unicode-casemap"),
                },
                [JmapCapability.Mail] = new JsonObject(),
                [JmapCapability.Submission] = new JsonObject(),
                [JmapCapability.Sieve] = new JsonObject { ["implementation"] = "Postyard" },
                [JmapCapability.VacationResponse] = new JsonObject(),
            },
            ["accounts"] = accounts,
            ["primaryAccounts"] = primary,
            ["username"] = caller.UserName,
            ["apiUrl"] = $"{origin}/jmap/api",
            ["downloadUrl"] = origin + "/jmap/download/{accountId}/{blobId}/{name}?accept={type}",
            ["uploadUrl"] = origin + "/jmap/upload/{accountId}/",
            ["eventSourceUrl"] = origin + "/jmap/eventsource?types={types}&closeafter={closeafter}&ping={ping}",
            ["state"] = StateOf(caller, usable),
        });
    }

    /// <summary>Changes with what the session object says.</summary>
    public static string StateOf(JmapCaller caller, IReadOnlyList<JmapAccount> accounts)
    {
        var shared = string.Join(' ', accounts.Where(a => a.Shared is not null).Select(a => $"{a.Id}:{(int)a.Shared!.Everywhere}:{a.Shared.Address}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"1 {caller.Account} {caller.UserName} {caller.MayRead} {caller.MaySend} {shared}")).AsSpan(0, 6));
    }

    // RFC 8621 §1.3.1
    private static JsonObject MailCapability(JmapOptions limits, JmapAccount account) => new()
    {
        ["maxMailboxesPerEmail"] = 1,
        ["maxMailboxDepth"] = Domain.Mailboxes.MailboxService.MaxDepth,
        ["maxSizeMailboxName"] = Domain.Mailboxes.MailboxService.MaxNameLength,
        ["maxSizeAttachmentsPerEmail"] = limits.MaxSizeAttachments,
        ["emailQuerySortOptions"] = Mail.EmailQueryArguments.SortProperties.Keys.ToJson(),
        ["mayCreateTopLevelMailbox"] = account.Rights.Has(MailboxRights.Create),
    };

    // RFC 8621 §1.3.2
    private static JsonObject SubmissionCapability() => new()
    {
        ["maxDelayedSend"] = (long)SubmissionService.MaxDelay.TotalSeconds,
        ["submissionExtensions"] = new JsonObject
        {
            ["FUTURERELEASE"] = new JsonArray(((long)SubmissionService.MaxDelay.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        },
    };
}
