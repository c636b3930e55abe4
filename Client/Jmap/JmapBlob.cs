namespace SaaS.Client.Jmap;

/// <summary>A download in progress.</summary>
public sealed class JmapBlob : IDisposable, IAsyncDisposable
{
    private readonly HttpResponseMessage _response;

    internal JmapBlob(HttpResponseMessage response, Stream content) => (_response, Content) = (response, content);

    public Stream Content { get; }
    public string ContentType => _response.Content.Headers.ContentType?.ToString() ?? "application/octet-stream";
    public long? Length => _response.Content.Headers.ContentLength;

    public void Dispose()
    {
        Content.Dispose();
        _response.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync();
        _response.Dispose();
    }
}
