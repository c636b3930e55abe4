using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

namespace SaaS.Web.Auth;

/// <summary>
/// Sign-in sessions, one encrypted file each, so that they outlive a restart and tokens never reach the browser.
/// The cookie holds only the random key; the file's name is a hash of it.
/// </summary>
internal sealed class SessionFiles(SessionFolder folder, IDataProtectionProvider protection) : ITicketStore
{
    public const string SessionClaim = "web_session";
    private readonly IDataProtector _protector = protection.CreateProtector("Web.Auth.Sessions.v1");
    private readonly ConcurrentDictionary<string, AuthenticationTicket> _recent = new(StringComparer.Ordinal);

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        if (ticket.Principal.Identity is ClaimsIdentity identity)
        {
            identity.AddClaim(new Claim(SessionClaim, key));
        }

        await RenewAsync(key, ticket);
        return key;
    }

    public async Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        var path = PathOf(key);
        var temporary = path + "." + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        await File.WriteAllBytesAsync(temporary, _protector.Protect(TicketSerializer.Default.Serialize(ticket)));
        File.Move(temporary, path, overwrite: true);
        if (_recent.Count > 20_000)
        {
            _recent.Clear();
        }

        _recent[key] = ticket;
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        if (_recent.TryGetValue(key, out var ticket) && File.Exists(PathOf(key)))
        {
            return ticket;
        }

        try
        {
            var bytes = await File.ReadAllBytesAsync(PathOf(key));
            ticket = TicketSerializer.Default.Deserialize(_protector.Unprotect(bytes));
        }
        catch (Exception e) when (e is FileNotFoundException or CryptographicException or EndOfStreamException)
        {
            return null;
        }

        if (ticket is not null)
        {
            _recent[key] = ticket;
        }

        return ticket;
    }

    public Task RemoveAsync(string key)
    {
        _recent.TryRemove(key, out _);
        File.Delete(PathOf(key));
        return Task.CompletedTask;
    }

    private string PathOf(string key) =>
        Path.Combine(folder.Sessions, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
}
