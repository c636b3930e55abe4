using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace SaaS.Web.Auth;

/// <summary>
/// The access token of a sign-in session, renewed shortly before it ends. One renewal at a time per session, so that
/// two tabs never spend the same refresh token twice.
/// </summary>
internal sealed class SessionTokens(SessionFiles sessions, IOptions<ApiOptions> api, TimeProvider clock, ILogger<SessionTokens> log)
    : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(20),
    };

    public static string? SessionOf(ClaimsPrincipal? user) => user?.FindFirst(SessionFiles.SessionClaim)?.Value;

    /// <summary>Null when the session has ended and the user has to sign in again.</summary>
    public async Task<string?> AccessTokenAsync(string session, Uri origin, CancellationToken cancel)
    {
        var ticket = await sessions.RetrieveAsync(session);
        if (ticket is null)
        {
            return null;
        }

        if (Fresh(ticket))
        {
            return ticket.Properties.GetTokenValue(OpenIdConnectParameterNames.AccessToken);
        }

        var gate = _locks.GetOrAdd(session, static _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancel);
        try
        {
            ticket = await sessions.RetrieveAsync(session);
            if (ticket is null)
            {
                return null;
            }

            if (!Fresh(ticket) && !await RenewAsync(session, ticket, origin, cancel))
            {
                return null;
            }

            return ticket.Properties.GetTokenValue(OpenIdConnectParameterNames.AccessToken);
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => _http.Dispose();

    private bool Fresh(AuthenticationTicket ticket) =>
        DateTimeOffset.TryParse(
            ticket.Properties.GetTokenValue("expires_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end)
        && end > clock.GetUtcNow() + Margin;

    private async Task<bool> RenewAsync(string session, AuthenticationTicket ticket, Uri origin, CancellationToken cancel)
    {
        var refresh = ticket.Properties.GetTokenValue(OpenIdConnectParameterNames.RefreshToken);
        if (refresh is null)
        {
            return false;
        }

        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refresh,
            ["client_id"] = api.Value.ClientId,
        };
        if (api.Value.ClientSecret is { Length: > 0 } secret)
        {
            form["client_secret"] = secret;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.Value.BaseUrl, "/connect/token"))
        {
            Content = new FormUrlEncodedContent(form),
        };
        PublicOrigin.Apply(request, origin);
        using var response = await _http.SendAsync(request, cancel);
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)
        {
            AuthLog.RefreshRefused(log, (int)response.StatusCode);
            await sessions.RemoveAsync(session);
            return false;
        }

        response.EnsureSuccessStatusCode();
        var message = new OpenIdConnectMessage(await response.Content.ReadAsStringAsync(cancel));
        var seconds = int.TryParse(message.ExpiresIn, NumberStyles.None, CultureInfo.InvariantCulture, out var s) ? s : 300;
        ticket.Properties.UpdateTokenValue(OpenIdConnectParameterNames.AccessToken, message.AccessToken);
        ticket.Properties.UpdateTokenValue(OpenIdConnectParameterNames.RefreshToken, message.RefreshToken ?? refresh);
        ticket.Properties.UpdateTokenValue(
            "expires_at", clock.GetUtcNow().AddSeconds(seconds).ToString("o", CultureInfo.InvariantCulture));
        await sessions.RenewAsync(session, ticket);
        return true;
    }
}
