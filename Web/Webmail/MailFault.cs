using System.Net.Sockets;
using System.Text.Json;
using Microsoft.JSInterop;
using SaaS.Client.Http;
using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail;

/// <summary>What can go wrong between us and Api; everything else is a bug and goes to the error boundary.</summary>
internal static class MailFault
{
    public static bool Is(Exception error) => error
        is JmapRequestException or JmapMethodException or ApiException or HttpRequestException or SocketException
        or IOException or JsonException or TaskCanceledException or JSDisconnectedException;

    /// <summary>The browser went away while we asked it something: nobody is there to be told, and nothing is wrong. A time-out of Api is not this.</summary>
    public static bool NobodyThere(Exception error) =>
        error is JSDisconnectedException or TaskCanceledException { InnerException: not TimeoutException };
}
