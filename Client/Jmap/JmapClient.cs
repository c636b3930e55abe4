using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SaaS.Client.Jmap;

/// <summary>
/// A JMAP client over an <see cref="HttpClient"/> whose base address is the service's origin and which puts the access token on each
/// request (a delegating handler, or a default header). Safe for concurrent use.
/// </summary>
/// <param name="http">Its timeout applies to calls; uploads, downloads and events run until cancelled.</param>
/// <param name="clock">For the pauses between reconnections; null: the system's.</param>
public sealed class JmapClient(HttpClient http, TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private JmapSession? _session;

    /// <summary>Capabilities that each request of a batch names.</summary>
    public static IReadOnlyList<string> Using { get; } =
    [
        JmapCapability.Core, JmapCapability.Mail, JmapCapability.Submission, JmapCapability.Sieve, JmapCapability.VacationResponse,
    ];

    /// <summary>Keep to the base address and take only path and query from the session's URLs: for a client inside the service's own network,
    /// which does not reach the public origin. Off for integrators.</summary>
    public bool KeepToBaseAddress { get; init; }

    /// <summary>The session, read once. <paramref name="refresh"/> reads it again.</summary>
    public async Task<JmapSession> GetSessionAsync(bool refresh = false, CancellationToken ct = default)
    {
        if (_session is { } known && !refresh)
        {
            return known;
        }

        using var response = await http.GetAsync("/jmap/session", ct);
        await ThrowUnlessOkAsync(response, ct);
        return _session = await response.Content.ReadFromJsonAsync<JmapSession>(JmapJson.Options, ct)
            ?? throw new JmapRequestException(response.StatusCode, "about:blank", "The session is empty.");
    }

    /// <summary>The account that everything below is about; null: the caller's own. Those that can be used are in the session.</summary>
    public string? AccountId { get; init; }

    /// <summary>Id of the account that this client is for.</summary>
    public async Task<string> GetAccountIdAsync(CancellationToken ct = default) =>
        AccountId ?? (await GetSessionAsync(ct: ct)).MailAccountId
        ?? throw new JmapRequestException(HttpStatusCode.Forbidden, "about:blank", "This user has no mailbox.");

    /// <summary>A batch for this client's account.</summary>
    public async Task<JmapBatch> NewBatchAsync(CancellationToken ct = default) => NewBatch(await GetAccountIdAsync(ct));

    public JmapBatch NewBatch(string accountId) => new(this, accountId);

    /// <summary>One request as it is.</summary>
    public async Task<JmapResponse> SendAsync(JmapRequest request, CancellationToken ct = default)
    {
        var session = await GetSessionAsync(ct: ct);
        using var content = JsonContent.Create(request, options: JmapJson.Options);
        using var response = await http.PostAsync(Resolve(session.ApiUrl), content, ct);
        await ThrowUnlessOkAsync(response, ct);
        return await response.Content.ReadFromJsonAsync<JmapResponse>(JmapJson.Options, ct)
            ?? throw new JmapRequestException(response.StatusCode, "about:blank", "The response is empty.");
    }

    /// <summary>One call alone.</summary>
    public async Task<TResult> CallAsync<TResult>(string method, JsonObject arguments, CancellationToken ct = default)
    {
        var batch = await NewBatchAsync(ct);
        return await RunAsync(batch, batch.Add<TResult>(method, arguments), ct);
    }

    public async Task<GetResponse<T>> GetAsync<T>(JmapIds ids, IReadOnlyList<string>? properties = null, CancellationToken ct = default)
        where T : IJmapObject
    {
        var batch = await NewBatchAsync(ct);
        return await RunAsync(batch, batch.Get<T>(ids, properties), ct);
    }

    public async Task<GetResponse<Email>> GetEmailsAsync(
        JmapIds ids, IReadOnlyList<string>? properties = null, EmailBodyOptions? body = null, CancellationToken ct = default)
    {
        var batch = await NewBatchAsync(ct);
        return await RunAsync(batch, batch.GetEmails(ids, properties, body), ct);
    }

    public async Task<QueryResponse> QueryAsync<T>(
        object? filter = null, IReadOnlyList<Comparator>? sort = null, QueryPage? page = null, bool? collapseThreads = null,
        CancellationToken ct = default)
        where T : IJmapObject
    {
        var batch = await NewBatchAsync(ct);
        return await RunAsync(batch, batch.Query<T>(filter, sort, page, collapseThreads), ct);
    }

    public async Task<SetResponse<T>> SetAsync<T>(
        IReadOnlyDictionary<string, T>? create = null, IReadOnlyDictionary<string, PatchObject>? update = null,
        JmapIds? destroy = null, string? ifInState = null, CancellationToken ct = default)
        where T : IJmapObject
    {
        var batch = await NewBatchAsync(ct);
        return await RunAsync(batch, batch.Set(create, update, destroy, ifInState), ct);
    }

    public async Task<ChangesResponse> ChangesAsync<T>(string sinceState, int? maxChanges = null, CancellationToken ct = default)
        where T : IJmapObject
    {
        var batch = await NewBatchAsync(ct);
        return await RunAsync(batch, batch.Changes<T>(sinceState, maxChanges), ct);
    }

    /// <summary>Uploads (RFC 8620 §6.1). <paramref name="progress"/> hears the octets sent so far.</summary>
    public async Task<UploadResponse> UploadAsync(
        Stream content, string type, long? length = null, IProgress<long>? progress = null, CancellationToken ct = default)
    {
        var session = await GetSessionAsync(ct: ct);
        var account = await GetAccountIdAsync(ct);
        var url = session.UploadUrl.Replace("{accountId}", Uri.EscapeDataString(account), StringComparison.Ordinal);
        using var body = new ProgressContent(content, length ?? (content.CanSeek ? content.Length - content.Position : null), progress);
        body.Headers.ContentType = MediaTypeHeaderValue.TryParse(type, out var parsed) ? parsed : new("application/octet-stream");
        using var request = new HttpRequestMessage(HttpMethod.Post, Resolve(url)) { Content = body };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        await ThrowUnlessOkAsync(response, ct);
        return await response.Content.ReadFromJsonAsync<UploadResponse>(JmapJson.Options, ct)
            ?? throw new JmapRequestException(response.StatusCode, "about:blank", "The response is empty.");
    }

    /// <summary>Downloads (RFC 8620 §6.2). Dispose the blob to give the connection back.</summary>
    public async Task<JmapBlob> DownloadAsync(
        string blobId, string name = "blob", string type = "application/octet-stream", CancellationToken ct = default)
    {
        var response = await http.GetAsync(await DownloadUrlAsync(blobId, name, type, ct), HttpCompletionOption.ResponseHeadersRead, ct);
        try
        {
            await ThrowUnlessOkAsync(response, ct);
            return new JmapBlob(response, await response.Content.ReadAsStreamAsync(ct));
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Where a blob is read from (needs the access token).</summary>
    public async Task<Uri> DownloadUrlAsync(string blobId, string name, string type, CancellationToken ct = default)
    {
        var session = await GetSessionAsync(ct: ct);
        var account = await GetAccountIdAsync(ct);
        return Resolve(session.DownloadUrl
            .Replace("{accountId}", Uri.EscapeDataString(account), StringComparison.Ordinal)
            .Replace("{blobId}", Uri.EscapeDataString(blobId), StringComparison.Ordinal)
            .Replace("{name}", Uri.EscapeDataString(name is "" or "." or ".." ? "blob" : name), StringComparison.Ordinal)
            .Replace("{type}", Uri.EscapeDataString(type), StringComparison.Ordinal));
    }

    /// <summary>
    /// What changes, as the server pushes it, until cancelled. Lost connections are made again after a pause of 1 to 30 seconds; what happened
    /// meanwhile is told at once after that, because the last event id goes along. Types null: all.
    /// </summary>
    /// <exception cref="JmapRequestException">The server refused (the token is no longer good): the caller must sign in again.</exception>
    public async IAsyncEnumerable<StateChange> ListenAsync(
        IReadOnlyList<string>? types = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct = default)
    {
        var session = await GetSessionAsync(ct: ct);
        var url = Resolve(session.EventSourceUrl
            .Replace("{types}", types is null ? "*" : string.Join(',', types), StringComparison.Ordinal)
            .Replace("{closeafter}", "no", StringComparison.Ordinal)
            .Replace("{ping}", "30", StringComparison.Ordinal));
        string? lastEventId = null;
        var failures = 0;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var events = new JmapEventStream(http, url, lastEventId, _clock);
            await using (events)
            {
                while (await events.NextAsync(ct) is { } change)
                {
                    failures = 0;
                    lastEventId = events.LastEventId ?? lastEventId;
                    yield return change;
                }
            }

            if (events.Refused is { } refused)
            {
                throw refused;
            }

            await Task.Delay(TimeSpan.FromSeconds(Math.Min(30, 1 << Math.Min(failures++, 5))), _clock, ct);
        }
    }

    private static async Task<TResult> RunAsync<TResult>(JmapBatch batch, JmapCall<TResult> call, CancellationToken ct)
    {
        await batch.SendAsync(ct);
        return call.Result;
    }

    private Uri Resolve(string url)
    {
        var origin = http.BaseAddress ?? throw new InvalidOperationException("The HttpClient has no base address.");
        var resolved = new Uri(origin, url);
        return KeepToBaseAddress ? new Uri(origin, resolved.PathAndQuery) : resolved;
    }

    internal static async Task ThrowUnlessOkAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        string? type = null;
        string? detail = null;
        if (response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json")
        {
            try
            {
                var problem = await response.Content.ReadFromJsonAsync<JsonObject>(JmapJson.Options, ct);
                type = problem?["type"]?.ToString();
                detail = problem?["detail"]?.ToString() ?? problem?["title"]?.ToString();
            }
            catch (JsonException)
            {
                // Not what it says it is: the status alone must do.
            }
        }

        throw new JmapRequestException(response.StatusCode, type ?? "about:blank", detail ?? $"HTTP {(int)response.StatusCode}");
    }
}
