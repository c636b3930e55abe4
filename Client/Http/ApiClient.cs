using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using SaaS.Client.Accounts;
using SaaS.Client.Aliases;
using SaaS.Client.AppPasswords;
using SaaS.Client.Audit;
using SaaS.Client.Branding;
using SaaS.Client.Domains;
using SaaS.Client.Groups;
using SaaS.Client.LegacyPlatforms;
using SaaS.Client.Me;
using SaaS.Client.Nodes;
using SaaS.Client.OAuthClients;
using SaaS.Client.Plans;
using SaaS.Client.Queue;
using SaaS.Client.Resellers;
using SaaS.Client.Settings;
using SaaS.Client.Tenants;

namespace SaaS.Client.Http;

/// <summary>
/// The REST API (`/v1`). The HttpClient brings the base address and the bearer token. Every failure is an <see cref="ApiException"/>;
/// updates take the version that was read (If-Match), creates an idempotency key, so that both are safe to repeat.
/// </summary>
public sealed class ApiClient(HttpClient http)
{
    public MeClient Me => new(this);
    public AppPasswordsClient AppPasswords => new(this);
    public ResellersClient Resellers => new(this);
    public PlansClient Plans => new(this);
    public LegacyPlatformsClient LegacyPlatforms => new(this);
    public TenantsClient Tenants => new(this);
    public DomainsClient Domains => new(this);
    public AccountsClient Accounts => new(this);
    public AliasesClient Aliases => new(this);
    public GroupsClient Groups => new(this);
    public SettingsClient Settings => new(this);
    public BrandingClient Branding => new(this);
    public QueueClient Queue => new(this);
    public NodesClient Nodes => new(this);
    public AuditClient Audit => new(this);
    public OAuthClientsClient OAuthClients => new(this);

    public Task<T> GetAsync<T>(string path, CancellationToken ct) => SendAsync<T>(HttpMethod.Get, path, null, null, null, ct);

    /// <summary>Creates; a repeat with the same key answers as the first call did and makes nothing twice.</summary>
    public Task<T> CreateAsync<T>(string path, object body, string? idempotencyKey, CancellationToken ct) =>
        SendAsync<T>(HttpMethod.Post, path, Json(body), null, idempotencyKey ?? Guid.NewGuid().ToString("N"), ct);

    public Task<T> PostAsync<T>(string path, object? body, CancellationToken ct) =>
        SendAsync<T>(HttpMethod.Post, path, Json(body), null, null, ct);

    public Task PostAsync(string path, object? body, CancellationToken ct) => SendAsync(HttpMethod.Post, path, Json(body), null, ct);

    /// <param name="version">Version of the object as read; null changes whatever is there.</param>
    public Task<T> PatchAsync<T>(string path, object body, string? version, CancellationToken ct) =>
        SendAsync<T>(HttpMethod.Patch, path, Json(body), version, null, ct);

    public Task<T> PutAsync<T>(string path, object body, string? version, CancellationToken ct) =>
        SendAsync<T>(HttpMethod.Put, path, Json(body), version, null, ct);

    public Task<T> PutAsync<T>(string path, HttpContent body, CancellationToken ct) =>
        SendAsync<T>(HttpMethod.Put, path, body, null, null, ct);

    public Task DeleteAsync(string path, string? version, CancellationToken ct) => SendAsync(HttpMethod.Delete, path, null, version, ct);

    /// <summary>A file with its type. Never a large one: it is held in memory.</summary>
    public async Task<(byte[] Bytes, string Type)> GetFileAsync(string path, CancellationToken ct)
    {
        using var answer = await ExchangeAsync(HttpMethod.Get, path, null, null, null, ct);
        return (await answer.Content.ReadAsByteArrayAsync(ct), answer.Content.Headers.ContentType?.MediaType ?? "application/octet-stream");
    }

    /// <summary>Walks all pages of a list.</summary>
    public static async IAsyncEnumerable<T> AllAsync<T>(
        Func<PageQuery, CancellationToken, Task<PageOf<T>>> list, [EnumeratorCancellation] CancellationToken ct)
    {
        string? cursor = null;
        do
        {
            var page = await list(new PageQuery(500, cursor), ct);
            foreach (var item in page.Items)
            {
                yield return item;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
    }

    /// <summary>path?a=b&amp;… with the nulls left out.</summary>
    public static string Query(string path, PageQuery? page, params ReadOnlySpan<(string Name, object? Value)> more)
    {
        var text = new StringBuilder(path);
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        Add("limit", page?.Limit);
        Add("cursor", page?.Cursor);
        Add("q", page?.Search);
        foreach (var (name, value) in more)
        {
            Add(name, value);
        }

        return text.ToString();

        void Add(string name, object? value)
        {
            if (Convert.ToString(value, CultureInfo.InvariantCulture) is not { Length: > 0 } written)
            {
                return;
            }

            if (value is Enum)
            {
                written = JsonNamingPolicy.CamelCase.ConvertName(written);
            }

            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(written));
            separator = '&';
        }
    }

    private async Task SendAsync(HttpMethod method, string path, HttpContent? body, string? version, CancellationToken ct)
    {
        using var answer = await ExchangeAsync(method, path, body, version, null, ct);
    }

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, string? version, string? idempotencyKey, CancellationToken ct)
    {
        using var answer = await ExchangeAsync(method, path, body, version, idempotencyKey, ct);
        return await answer.Content.ReadFromJsonAsync<T>(ApiJson.Options, ct)
            ?? throw new InvalidOperationException("The API answered with nothing.");
    }

    private async Task<HttpResponseMessage> ExchangeAsync(
        HttpMethod method, string path, HttpContent? body, string? version, string? idempotencyKey, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (version is not null)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{version}\""));
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        var answer = await http.SendAsync(request, ct);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await ReadProblemAsync(answer, ct);
        }
    }

    private static JsonContent? Json(object? body) => body is null ? null : JsonContent.Create(body, body.GetType(), options: ApiJson.Options);

    private static async Task<ApiException> ReadProblemAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        Problem? problem = null;
        if (answer.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json")
        {
            try
            {
                problem = await answer.Content.ReadFromJsonAsync<Problem>(ApiJson.Options, ct);
            }
            catch (JsonException)
            {
                // A proxy's own page; the status says enough.
            }
        }

        return new ApiException(
            answer.StatusCode,
            problem?.Reason ?? "",
            problem?.Detail ?? problem?.Title ?? $"The service answered {(int)answer.StatusCode}.",
            problem?.Errors ?? new Dictionary<string, string[]>())
        {
            RetryAfter = answer.Headers.RetryAfter?.Delta,
        };
    }

    private sealed record Problem(string? Title, string? Detail, string? Reason, Dictionary<string, string[]>? Errors);
}
