using System.Net;
using System.Net.Sockets;

namespace SaaS.Web.Webmail.Reading;

/// <summary>An image fetched from outside.</summary>
public sealed record RemoteImage(byte[] Bytes, string Type);

/// <summary>
/// Fetches images of mails for the reader, so that senders see us and not them. A mail is an attacker's text: the
/// address is resolved here, every address it resolves to must be a public one, and the connection goes to exactly
/// that address (no second look-up). One megabyte, five seconds, image types only, redirects only on the same host.
/// </summary>
public sealed class RemoteImages : IDisposable
{
    internal static readonly string[] Types =
        ["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp", "image/avif", "image/x-icon"];

    private const int MostBytes = 1024 * 1024;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _slots = new(32);
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectCallback = ConnectAsync,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        MaxResponseHeadersLength = 32,
        AutomaticDecompression = DecompressionMethods.None,
    });

    public async Task<RemoteImage?> FetchAsync(string url, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Longest);
        await _slots.WaitAsync(limit.Token);
        try
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var uri) ? await FollowAsync(uri, limit.Token) : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or SocketException)
        {
            return null;
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Tells a list that its reader wants no more (RFC 8058 §3.1): no cookies, no redirects, public addresses only. True where it took it.</summary>
    public async Task<bool> PostUnsubscribeAsync(Uri address, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Longest);
        try
        {
            using var form = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = form };
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return address.Scheme == Uri.UriSchemeHttps && response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or SocketException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _slots.Dispose();
    }

    /// <summary>True for an address that can be reached from the internet and belongs to nobody's inside.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        Span<byte> b = stackalloc byte[16];
        address.TryWriteBytes(b, out var length);
        if (length == 4)
        {
            return IsPublicV4(b);
        }

        // Only global unicast 2000::/3; of that not documentation, Teredo, ORCHID, 6to4 (which carries any IPv4).
        // NAT64 (64:ff9b::/96), ULA, link-local, multicast, loopback all lie outside of it.
        return (b[0] & 0xE0) == 0x20
            && !(b[0] == 0x20 && b[1] == 0x02)
            && !(b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02)
            && !(b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8)
            && !(b[0] == 0x3F && b[1] == 0xFF && b[2] < 0x10);
    }

    private static bool IsPublicV4(ReadOnlySpan<byte> b) => !(b[0] is 0 or 10 or 127 or >= 224
        || (b[0] == 100 && b[1] is >= 64 and <= 127)
        || (b[0] == 169 && b[1] == 254)
        || (b[0] == 172 && b[1] is >= 16 and <= 31)
        || (b[0] == 192 && b[1] == 168)
        || (b[0] == 192 && b[1] == 0 && (b[2] is 0 or 2))
        || (b[0] == 192 && b[1] == 88 && b[2] == 99)
        || (b[0] == 198 && (b[1] is 18 or 19))
        || (b[0] == 198 && b[1] == 51 && b[2] == 100)
        || (b[0] == 203 && b[1] == 0 && b[2] == 113));

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        if (context.DnsEndPoint.Port is not (80 or 443))
        {
            throw new HttpRequestException("Only the web's own ports.");
        }

#pragma warning disable RS0030 // This process has no database and no mail DNS; the system's resolver serves browsers' names.
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancel);
#pragma warning restore RS0030
        if (addresses.Length == 0 || !Array.TrueForAll(addresses, IsPublic))
        {
            throw new HttpRequestException("Not a public address.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<RemoteImage?> FollowAsync(Uri uri, CancellationToken cancel)
    {
        for (var hop = 0; hop < 4; hop++)
        {
            if (uri.Scheme is not ("http" or "https"))
            {
                return null;
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.TryAddWithoutValidation("Accept", "image/*");
            request.Headers.TryAddWithoutValidation("User-Agent", "ImageProxy/1.0");
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } to)
            {
                var next = new Uri(uri, to);
                if (!string.Equals(next.Host, uri.Host, StringComparison.OrdinalIgnoreCase))
                {
                    return null;
                }

                uri = next;
                continue;
            }

            return await ReadAsync(response, cancel);
        }

        return null;
    }

    private static async Task<RemoteImage?> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var type = response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() ?? "";
        if (!response.IsSuccessStatusCode || !Types.Contains(type) || response.Content.Headers.ContentLength > MostBytes)
        {
            return null;
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, cancel)) > 0)
        {
            if (bytes.Length + read > MostBytes)
            {
                return null;
            }

            bytes.Write(buffer, 0, read);
        }

        return new RemoteImage(bytes.ToArray(), type);
    }
}
