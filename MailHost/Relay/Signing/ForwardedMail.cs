using System.Security.Cryptography;
using SaaS.Domain.Common;
using SaaS.Domain.Dns;
using SaaS.Domain.Domains;
using SaaS.Domain.Keys;
using SaaS.Domain.Messages;
using SaaS.Domain.Queue;
using SaaS.MailHost.MailAuth;
using SaaS.MailHost.MailAuth.Arc;
using SaaS.MailHost.MailAuth.Dkim;
using SaaS.MailHost.Router;

namespace SaaS.MailHost.Relay.Signing;

/// <summary>
/// Mail that a customer has forwarded to outside: the reverse-path becomes ours (SRS), what we found out about it is sealed (ARC), and our own signature is
/// added. None of it may lend our name to somebody else: where From is in a domain of ours and was not proven, nothing is added.
/// </summary>
internal sealed class ForwardedMail(
    DkimKeyRing ring, ReturnPaths paths, ServerKeyStore store, IDnsResolver dns, MailAuthOptions options, TimeProvider clock, ILogger<ForwardedMail> log)
    : IDisposable
{
    private const string Purpose = "forwarding-dkim";
    private const string Selector = "fwd1";
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _one = new(1, 1);
    private SigningKey? _platform;
    private bool _published;
    private long _lookedAt;

    public static bool Is(LeasedMessage message) => message is { Account: null, Tenant: not null };

    public async ValueTask<(MailAddress? ReversePath, byte[] Prepend)> PrepareAsync(LeasedMessage message, MessageBytes bytes, CancellationToken ct)
    {
        var header = MessageHeader.Read(bytes);
        var results = AuthenticationResults.Find(header, options.AuthServId);
        var proven = results is not null && AuthenticationResults.Result(results, "dmarc") == "pass";
        var author = Author(header);
        var sender = message.ReversePath is { } path && (proven || !Related(author, paths.Domain)) ? paths.Forward(path) : message.ReversePath;

        if (await KeyAsync(message.Tenant!.Value, ct) is not { } key || (!proven && Related(author, key.Domain)))
        {
            return (sender, []);
        }

        // RFC 8617 §5.1: the seal signs the message as it came; our signature goes in front of both.
        byte[] added = [];
        var chain = results is null ? null : AuthenticationResults.Result(results, "arc") switch
        {
            "none" => AuthResult.None,
            "pass" => AuthResult.Pass,
            "fail" => AuthResult.Fail,
            _ => (AuthResult?)null,
        };
        if (chain is { } validation && ArcSealer.Seal(bytes, results!, validation, key, clock.GetUtcNow()) is { } seal)
        {
            added = System.Text.Encoding.Latin1.GetBytes(seal);
        }

        return (sender, [.. added, .. DkimSigner.Sign(bytes, [key], clock.GetUtcNow())]);
    }

    /// <summary>The platform's, once DNS shows it; before that one of the forwarding tenant's.</summary>
    private async ValueTask<SigningKey?> KeyAsync(TenantId tenant, CancellationToken ct)
    {
        if (_lookedAt == 0 || clock.GetElapsedTime(_lookedAt) > LookAgain)
        {
            await _one.WaitAsync(ct);
            try
            {
                if (_lookedAt == 0 || clock.GetElapsedTime(_lookedAt) > LookAgain)
                {
                    await LookAsync(ct);
                    _lookedAt = clock.GetTimestamp();
                }
            }
            finally
            {
                _one.Release();
            }
        }

        return _published ? _platform : await ring.FindAnyAsync(tenant, ct);
    }

    private async Task LookAsync(CancellationToken ct)
    {
        if (_platform is null)
        {
            if (store.List(Purpose).Count == 0)
            {
                using var made = RSA.Create(2048);
                store.Add(Purpose, Selector, made.ExportPkcs8PrivateKeyPem());
            }

            _platform = DkimKeyRing.Read(options.SrsDomain, Selector, DkimAlgorithm.RsaSha256, store.List(Purpose)[0].Value);
        }

        var mine = Convert.ToBase64String(_platform.Rsa!.ExportSubjectPublicKeyInfo());
        var name = $"{Selector}._domainkey.{options.SrsDomain}";
        var answer = await dns.TxtAsync(name, ct);
        var shown = answer.Records.Any(t => TagList.TryParse(t, out var tags) && tags.Compact("p") == mine);
        if (!shown && _lookedAt == 0)
        {
            log.Publish(options.SrsDomain, name, $"v=DKIM1; k=rsa; p={mine}");
        }

        // While DNS is away, what was seen before holds.
        _published = shown || (_published && answer.Status == DnsStatus.TemporaryError);
    }

    public void Dispose() => _one.Dispose();

    private static string Author(MessageHeader header) =>
        header.All("from").FirstOrDefault() is { } from && MimeKit.InternetAddressList.TryParse(from.Value.Trim(), out var list)
            && list.Mailboxes.FirstOrDefault() is { } mailbox && DomainName.TryNormalize(mailbox.Domain, out var domain) ? domain : "";

    // Wider than alignment: who shares the last two labels could be aligned. An author that cannot be read may be anybody.
    private static bool Related(string author, string domain) => author.Length == 0 || LastTwo(author) == LastTwo(domain);

    private static string LastTwo(string name) => string.Join('.', name.Split('.').TakeLast(2));
}
