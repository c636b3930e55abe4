using System.Text;
using SaaS.Domain.LegacyPlatforms;

namespace SaaS.MailHost.AccessProxy;

/// <summary>Who signs in to a legacy platform, and as whom.</summary>
/// <param name="Platform">For what it may be told.</param>
/// <param name="User">Whose credentials these are.</param>
/// <param name="Password">Theirs.</param>
/// <param name="ActAs">Whose mailbox it is, where a master user signs in; "" where the user is the owner.</param>
/// <param name="Client">At our own port.</param>
/// <param name="HostName">Ours.</param>
internal sealed record LegacyLogin(LegacyPlatform Platform, string User, string Password, string ActAs, ClientSide Client, string HostName)
{
    /// <summary>message = [authzid] UTF8NUL authcid UTF8NUL passwd (RFC 4616 §2), in base64.</summary>
    public string Plain => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ActAs}\0{User}\0{Password}"));

    /// <summary>Nothing of it ends a line of the protocol before its time.</summary>
    public bool IsSafe => !(User + Password + ActAs).AsSpan().ContainsAny('\r', '\n', '\0');

    // A record prints what it holds.
    public override string ToString() => $"{Platform.Name}: {User}";
}
