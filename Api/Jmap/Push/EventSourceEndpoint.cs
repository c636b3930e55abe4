using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using SaaS.Api.Identity;
using SaaS.Api.Jmap.Core;
using SaaS.Domain.Accounts;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Push;

/// <summary>
/// GET /jmap/eventsource (RFC 8620 §7.3). The event id is the account's modseq, so a client that comes back is told at once what it missed.
/// The change feed is only a hint: a slow poll stands behind it. Ends when the token ends or is revoked, and when the host stops.
/// </summary>
internal sealed class EventSourceEndpoint(
    EmailQueryService queries, IChangeFeed feed, Concurrency concurrency, IHostApplicationLifetime lifetime, IOptions<JmapOptions> options,
    TokenCheck check, TimeProvider clock, ILogger<EventSourceEndpoint> log)
{
    private static readonly string[] Types = ["Email", "Thread", "Mailbox", "EmailSubmission", "Identity"];
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    public async Task HandleAsync(HttpContext http)
    {
        var caller = JmapCaller.Of(http.User);
        var query = http.Request.Query;
        var types = query["types"].ToString() is var given && given is "" or "*" ? Types : given.Split(',');
        var ping = int.TryParse(query["ping"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? Math.Clamp(seconds, 5, 300) : 0;
        if (caller.Account is not { } account || !caller.MayRead)
        {
            await JmapProblems.Plain(403, "No mailbox behind this token.").ExecuteAsync(http);
            return;
        }

        using var place = await concurrency.EnterAsync(account, "events", options.Value.MaxEventSources, TimeSpan.Zero, http.RequestAborted);
        if (place is null)
        {
            await JmapProblems.Plain(429, "Too many event connections.").ExecuteAsync(http);
            return;
        }

        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseBodyFeature>()?.DisableBuffering();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await RunAsync(http, account, new Wanted(types, query["closeafter"] == "state", ping), stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client went, or we stop.
        }
    }

    private sealed record Wanted(string[] Types, bool CloseAfterState, int Ping);

    private async Task RunAsync(HttpContext http, AccountId account, Wanted wanted, CancellationToken ct)
    {
        var hints = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = feed.Subscribe(account, _ => hints.Writer.TryWrite(true));
        // Somebody lost a right: perhaps the one who listens here.
        var recheck = false;
        using var rights = feed.OnWake(UserDirectory.Topic, () =>
        {
            Volatile.Write(ref recheck, true);
            hints.Writer.TryWrite(true);
        });
        var response = http.Response;
        long last;
        if (long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var resumed))
        {
            last = resumed;
            await response.WriteAsync(": welcome back\n\n", ct);
        }
        else
        {
            // A first event says where everything stands, so that nothing falls between the client's reads and this connection.
            last = (await queries.StateAsync(account, ct)).Value;
            await SendAsync(response, account, last, Types.Intersect(wanted.Types, StringComparer.Ordinal), ct);
        }

        await response.Body.FlushAsync(ct);
        hints.Writer.TryWrite(true);
        var checkedAt = clock.GetTimestamp();
        while (true)
        {
            using (var wait = CancellationTokenSource.CreateLinkedTokenSource(ct))
            {
                wait.CancelAfter(wanted.Ping > 0 ? TimeSpan.FromSeconds(Math.Min(wanted.Ping, Poll.TotalSeconds)) : Poll);
                try
                {
                    await hints.Reader.ReadAsync(wait.Token);
                }
                catch (OperationCanceledException) when (!ct.IsCancellationRequested)
                {
                    if (wanted.Ping > 0)
                    {
                        await response.WriteAsync($"event: ping\ndata: {{\"interval\":{wanted.Ping}}}\n\n", ct);
                        await response.Body.FlushAsync(ct);
                    }
                }
            }

            if (clock.GetElapsedTime(checkedAt) > Poll || Volatile.Read(ref recheck))
            {
                Volatile.Write(ref recheck, false);
                checkedAt = clock.GetTimestamp();
                if (await WhyEndedAsync(http, ct) is { } reason)
                {
                    JmapLog.EventSourceEnded(log, account.Value, reason);
                    return;
                }
            }

            var (state, types) = await queries.ChangedTypesAsync(account, new ModSeq(last), ct);
            last = Math.Max(last, state.Value);
            var told = types.Intersect(wanted.Types, StringComparer.Ordinal).ToList();
            if (told.Count > 0)
            {
                await SendAsync(response, account, last, told, ct);
                await response.Body.FlushAsync(ct);
                if (wanted.CloseAfterState)
                {
                    return;
                }
            }
        }
    }

    private static Task SendAsync(HttpResponse response, AccountId account, long state, IEnumerable<string> types, CancellationToken ct)
    {
        var changed = new JsonObject();
        foreach (var type in types)
        {
            changed[type] = state.ToString(CultureInfo.InvariantCulture);
        }

        var data = new JsonObject { ["@type"] = "StateChange", ["changed"] = new JsonObject { [JmapIds.Of(account)] = changed } };
        return response.WriteAsync($"id: {state}\nevent: state\ndata: {data.ToJsonString()}\n\n", Encoding.UTF8, ct);
    }

    private async Task<string?> WhyEndedAsync(HttpContext http, CancellationToken ct)
    {
        if (http.User.GetExpirationDate() is { } end && end <= clock.GetUtcNow())
        {
            return "the token has run out";
        }

        if (http.User.HasClaim(OAuthNames.Stamp) && await check.UserOfAsync(http.User, fresh: false, ct) is null)
        {
            return "the user may no longer listen";
        }

        if (http.User.GetTokenId() is not { Length: > 0 } id)
        {
            return null;
        }

        await using var scope = http.RequestServices.CreateAsyncScope();
        if (scope.ServiceProvider.GetService<IOpenIddictTokenManager>() is not { } tokens)
        {
            return null;
        }

        return await tokens.FindByIdAsync(id, ct) is { } token && await tokens.HasStatusAsync(token, OpenIddictConstants.Statuses.Valid, ct)
            ? null
            : "the token was revoked";
    }
}
