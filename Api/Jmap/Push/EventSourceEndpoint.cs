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
using SaaS.Domain.Sharing;

namespace SaaS.Api.Jmap.Push;

/// <summary>
/// GET /jmap/eventsource (RFC 8620 §7.3). The event id is the account's modseq, so a client that comes back is told at once what it missed.
/// The change feed is only a hint: a slow poll stands behind it. Ends when the token ends or is revoked, and when the host stops.
/// </summary>
internal sealed class EventSourceEndpoint(
    EmailQueryService queries, JmapAccess access, IChangeFeed feed, Concurrency concurrency, IHostApplicationLifetime lifetime, IOptions<JmapOptions> options,
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
            await RunAsync(http, caller, account, new Wanted(types, query["closeafter"] == "state", ping), stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client went, or we stop.
        }
    }

    private sealed record Wanted(string[] Types, bool CloseAfterState, int Ping);

    private async Task RunAsync(HttpContext http, JmapCaller caller, AccountId account, Wanted wanted, CancellationToken ct)
    {
        var hints = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        // Somebody lost a right: perhaps the one who listens here.
        var recheck = false;
        using var rights = feed.OnWake(UserDirectory.Topic, () =>
        {
            Volatile.Write(ref recheck, true);
            hints.Writer.TryWrite(true);
        });
        using var sharing = feed.OnWake(ShareDirectory.Topic, () => hints.Writer.TryWrite(true));
        var watched = new Dictionary<AccountId, Watched>();
        try
        {
            var response = http.Response;
            long? resumed = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : null;
            if (resumed is not null)
            {
                await response.WriteAsync(": welcome back\n\n", ct);
            }

            // A first event says where everything stands, so that nothing falls between the client's reads and this connection. The event id
            // is the own account's; where the others stand is always said.
            var first = await WatchAsync(caller, watched, hints.Writer, ct);
            if (resumed is not null)
            {
                watched[account].Last = resumed.Value;
                first.Remove(account);
            }

            await SendAsync(response, watched[account].Last, first.ToDictionary(f => f, f => (watched[f].Last, (IReadOnlyList<string>)Types)), wanted, ct);
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

                // What has been shared since is told from now on, what is shared no more is not.
                var news = (await WatchAsync(caller, watched, hints.Writer, ct)).ToDictionary(f => f, f => (watched[f].Last, (IReadOnlyList<string>)Types));
                foreach (var (id, watch) in watched)
                {
                    if (news.ContainsKey(id) || !watch.TakeNews(clock, Poll))
                    {
                        continue;
                    }

                    var (state, types) = await queries.ChangedTypesAsync(id, new ModSeq(watch.Last), ct);
                    watch.Last = Math.Max(watch.Last, state.Value);
                    if (types.Count > 0)
                    {
                        news[id] = (watch.Last, types);
                    }
                }

                if (await SendAsync(response, watched[account].Last, news, wanted, ct))
                {
                    await response.Body.FlushAsync(ct);
                    if (wanted.CloseAfterState)
                    {
                        return;
                    }
                }
            }
        }
        finally
        {
            foreach (var watch in watched.Values)
            {
                watch.Subscription!.Dispose();
            }
        }
    }

    /// <summary>One account that is listened to.</summary>
    private sealed class Watched
    {
        private long _lookedAt;
        private int _news = 1;

        public IDisposable? Subscription { get; set; }

        /// <summary>Told up to here.</summary>
        public long Last { get; set; }

        public void Hint() => Volatile.Write(ref _news, 1);

        /// <summary>True after a hint, and now and then without one.</summary>
        public bool TakeNews(TimeProvider clock, TimeSpan poll)
        {
            if (Interlocked.Exchange(ref _news, 0) == 0 && clock.GetElapsedTime(_lookedAt) < poll)
            {
                return false;
            }

            _lookedAt = clock.GetTimestamp();
            return true;
        }
    }

    /// <summary>Listens to the accounts that the caller may use now and to no others. Returns those that are new.</summary>
    private async Task<List<AccountId>> WatchAsync(JmapCaller caller, Dictionary<AccountId, Watched> watched, ChannelWriter<bool> hints, CancellationToken ct)
    {
        var usable = (await access.AccountsAsync(caller, ct)).Select(a => a.Id).ToHashSet();
        foreach (var id in watched.Keys.Except(usable).ToList())
        {
            watched[id].Subscription!.Dispose();
            watched.Remove(id);
        }

        var added = usable.Except(watched.Keys).ToList();
        foreach (var id in added)
        {
            var watch = new Watched();
            watch.Subscription = feed.Subscribe(id, _ =>
            {
                watch.Hint();
                hints.TryWrite(true);
            });
            watched[id] = watch;
            watch.Last = (await queries.StateAsync(id, ct)).Value;
        }

        return added;
    }

    /// <summary>One event with what changed in which account. False: there was nothing to tell.</summary>
    private static async Task<bool> SendAsync(
        HttpResponse response, long id, Dictionary<AccountId, (long State, IReadOnlyList<string> Types)> news, Wanted wanted, CancellationToken ct)
    {
        var changed = new JsonObject();
        foreach (var (account, (state, types)) in news)
        {
            var told = new JsonObject();
            foreach (var type in types.Intersect(wanted.Types, StringComparer.Ordinal))
            {
                told[type] = state.ToString(CultureInfo.InvariantCulture);
            }

            if (told.Count > 0)
            {
                changed[JmapIds.Of(account)] = told;
            }
        }

        if (changed.Count == 0)
        {
            return false;
        }

        var data = new JsonObject { ["@type"] = "StateChange", ["changed"] = changed };
        await response.WriteAsync($"id: {id}\nevent: state\ndata: {data.ToJsonString()}\n\n", Encoding.UTF8, ct);
        return true;
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
