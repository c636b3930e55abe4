using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace SaaS.Client.Jmap;

/// <summary>One connection to the event source (RFC 8620 §7.3). Ends on any trouble; <see cref="Refused"/> says when trying again is useless.</summary>
internal sealed class JmapEventStream(HttpClient http, Uri url, string? lastEventId, TimeProvider clock) : IAsyncDisposable
{
    // Three pings missed: the connection is dead though nobody said so.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(95);

    private HttpResponseMessage? _response;
    private IAsyncEnumerator<SseItem<string>>? _events;
    private CancellationTokenSource? _watch;
    private CancellationTokenRegistration _outer;

    public string? LastEventId { get; private set; }
    public JmapRequestException? Refused { get; private set; }

    /// <summary>The next change; null at the end of this connection.</summary>
    public async Task<StateChange?> NextAsync(CancellationToken ct)
    {
        try
        {
            if (_events is null)
            {
                await OpenAsync(ct);
            }

            while (true)
            {
                _watch!.CancelAfter(Silence);
                if (!await _events!.MoveNextAsync())
                {
                    return null;
                }

                var item = _events.Current;
                LastEventId = item.EventId is { Length: > 0 } id ? id : LastEventId;
                if (item.EventType == "state" && JsonSerializer.Deserialize<StateChange>(item.Data, JmapJson.Options) is { } change)
                {
                    return change;
                }
            }
        }
        catch (JmapRequestException refused)
        {
            Refused = refused.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound ? refused : null;
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        _watch = new CancellationTokenSource(Silence, clock);
        _outer = ct.Register(_watch.Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        _response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _watch.Token);
        await JmapClient.ThrowUnlessOkAsync(_response, _watch.Token);
        var stream = await _response.Content.ReadAsStreamAsync(_watch.Token);
        _events = SseParser.Create(stream).EnumerateAsync(_watch.Token).GetAsyncEnumerator(_watch.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _outer.DisposeAsync();
        if (_watch is not null)
        {
            await _watch.CancelAsync();
            _watch.Dispose();
        }

        if (_events is not null)
        {
            try
            {
                await _events.DisposeAsync();
            }
            catch (NotSupportedException)
            {
                // The enumerator was still inside a read that the cancellation ends.
            }
        }

        _response?.Dispose();
    }
}
