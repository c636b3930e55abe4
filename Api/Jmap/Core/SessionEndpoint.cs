using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Client.Jmap;
using SaaS.Domain.Sieve;
using SaaS.Domain.Submissions;

namespace SaaS.Api.Jmap.Core;

/// <summary>GET /jmap/session (RFC 8620 §2); /.well-known/jmap leads here.</summary>
internal static class SessionEndpoint
{
    public static readonly IReadOnlySet<string> Capabilities =
        new HashSet<string>(StringComparer.Ordinal)
        {
            JmapCapability.Core, JmapCapability.Mail, JmapCapability.Submission, JmapCapability.Sieve, JmapCapability.VacationResponse,
        };

    public static IResult Handle(HttpContext http, IOptions<JmapOptions> options, SieveLimits sieve)
    {
        var caller = JmapCaller.Of(http.User);
        var limits = options.Value;
        var origin = $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}";
        var accounts = new JsonObject();
        var primary = new JsonObject();
        if (caller.Account is { } account)
        {
            var id = JmapIds.Of(account);
            var capabilities = new JsonObject { [JmapCapability.Core] = new JsonObject() };
            if (caller.MayRead)
            {
                capabilities[JmapCapability.Mail] = MailCapability(limits);
                primary[JmapCapability.Mail] = id;
                capabilities[JmapCapability.Sieve] = Sieve.ScriptJson.Capability(sieve);
                primary[JmapCapability.Sieve] = id;
                capabilities[JmapCapability.VacationResponse] = new JsonObject();
                primary[JmapCapability.VacationResponse] = id;
            }

            if (caller.MaySend)
            {
                capabilities[JmapCapability.Submission] = SubmissionCapability();
                primary[JmapCapability.Submission] = id;
            }

            primary[JmapCapability.Core] = id;
            accounts[id] = new JsonObject
            {
                ["name"] = caller.UserName,
                ["isPersonal"] = true,
                ["isReadOnly"] = false,
                ["accountCapabilities"] = capabilities,
            };
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
            ["state"] = StateOf(caller),
        });
    }

    /// <summary>Changes with what the session object says.</summary>
    public static string StateOf(JmapCaller caller) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"1 {caller.Account} {caller.UserName} {caller.MayRead} {caller.MaySend}")).AsSpan(0, 6));

    // RFC 8621 §1.3.1
    private static JsonObject MailCapability(JmapOptions limits) => new()
    {
        ["maxMailboxesPerEmail"] = 1,
        ["maxMailboxDepth"] = Domain.Mailboxes.MailboxService.MaxDepth,
        ["maxSizeMailboxName"] = Domain.Mailboxes.MailboxService.MaxNameLength,
        ["maxSizeAttachmentsPerEmail"] = limits.MaxSizeAttachments,
        ["emailQuerySortOptions"] = Mail.EmailQueryArguments.SortProperties.Keys.ToJson(),
        ["mayCreateTopLevelMailbox"] = true,
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
