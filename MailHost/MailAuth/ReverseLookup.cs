using System.Net;
using SaaS.Domain.Dns;

namespace SaaS.MailHost.MailAuth;

/// <summary>The client's name, forward-confirmed.</summary>
/// <remarks>RFC 8601 §2.7.3.</remarks>
internal sealed record ReverseLookup(AuthResult Result, IPAddress Address, string? Name)
{
    private const int MaxNames = 5;

    public static async Task<ReverseLookup> FindAsync(IDnsResolver dns, IPAddress address, CancellationToken ct)
    {
        var names = await dns.PtrAsync(address, ct);
        if (names.Status != DnsStatus.Ok)
        {
            return new ReverseLookup(names.Status == DnsStatus.NotFound ? AuthResult.PermError : AuthResult.TempError, address, null);
        }

        var open = false;
        foreach (var name in names.Records.Take(MaxNames))
        {
            var there = await dns.AddressesAsync(name, address.AddressFamily, ct);
            if (there.Records.Contains(address))
            {
                return new ReverseLookup(AuthResult.Pass, address, name);
            }

            open |= there.Status == DnsStatus.TemporaryError;
        }

        return new ReverseLookup(open ? AuthResult.TempError : AuthResult.Fail, address, null);
    }
}
