using System.Net;
using Microsoft.Extensions.Options;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.Domain.Keys;
using SaaS.Domain.LegacyPlatforms;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.AccessProxy;

/// <summary>
/// The front door: whoever signs in here with a mailbox that is still on a legacy platform is signed in there, and from then on the two connections are
/// one. Nothing behind the login is parsed. A platform that is away is the protocol's temporary failure, never a wrong password.
/// </summary>
internal sealed class AccessProxy(
    LegacyDirectory directory,
    LegacyConnector connector,
    PasswordAuthenticator passwords,
    KeyProtection protection,
    AccessProxyMetrics metrics,
    IOptions<AccessProxyOptions> options,
    IOptions<MailHostOptions> host,
    TimeProvider clock,
    ILogger<AccessProxy> log)
{
    private static readonly Refusal Wrong = new(RefusalReason.Forbidden, "Authentication failed.");
    private static readonly Refusal Away = new(RefusalReason.TemporarilyUnavailable, "The mailbox cannot be reached at present; try again later.");
    private static readonly Refusal InUse = new(RefusalReason.Conflict, "The mailbox is in use by another session.");
    private static readonly Refusal NoService = new(RefusalReason.NotFound, "This service is not available for this account.");

    /// <summary>
    /// A session at the platform, ready to be passed on; without a connection where the platform has no such service and the session is to be
    /// served here (submission only). Refusals: Forbidden (as after a wrong password), TemporarilyUnavailable, Conflict, NotFound (no such service).
    /// </summary>
    public async ValueTask<Outcome<LegacySession>> OpenAsync(
        MailProtocols protocol, SignedIn user, ClientConnection client, string? helo, CancellationToken ct)
    {
        var home = user.Legacy ?? throw new InvalidOperationException("The account is at home here.");
        var started = clock.GetTimestamp();
        var name = Word(protocol);
        if (await directory.FindAsync(home.Platform, ct) is not { } platform || !MailAddress.TryParse(user.Login, out var address))
        {
            return Away;
        }

        if (EndpointOf(platform.Endpoints, protocol) is not { } at)
        {
            return NoService;
        }

        var (endpoint, spoken) = at;
        using var timer = new CancellationTokenSource(options.Value.LoginTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        LegacyConnection? connection = null;
        try
        {
            var login = LoginOf(platform, home, address, client, helo);
            connection = await connector.OpenAsync(platform, endpoint, login.Client, both.Token);
            var capabilities = "";
            switch (spoken)
            {
                case MailProtocols.Imap:
                    capabilities = await ImapLogin.RunAsync(connection, login, both.Token);
                    break;
                case MailProtocols.Pop3:
                    await Pop3Login.RunAsync(connection, login, both.Token);
                    break;
                case MailProtocols.Submission:
                    await SubmissionLogin.RunAsync(connection, login, both.Token);
                    break;
                default:
                    await ManageSieveLogin.RunAsync(connection, login, both.Token);
                    break;
            }

            metrics.Login(name, platform.Name, "ok", clock.GetElapsedTime(started));
            if (await passwords.SettleElsewhereAsync(user, accepted: true, platform.CapturePasswords, client.RemoteAddress, ct))
            {
                log.Captured(client.Id, user.Login, platform.Name);
            }

            if (spoken != protocol)
            {
                await connection.DisposeAsync();
                return new LegacySession(null, capabilities, this, name, user.Login);
            }

            log.PassedOn(client.Id, name, user.Login, client.RemoteAddress, platform.Name, connection.RemoteName);
            return new LegacySession(connection, capabilities, this, name, user.Login);
        }
        catch (Exception e) when (e is LegacyException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            return await RefusedAsync(e as LegacyException ?? LegacyException.Unavailable("It took too long."), platform, user, client, name, started, ct);
        }
        catch
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Until one side ends. Returns when both are done with.</summary>
    internal async Task SpliceAsync(LegacySession session, ClientConnection client, CancellationToken ct)
    {
        metrics.Sessions(session.Protocol, 1);
        var splice = new Splice(client, session.Connection!, options.Value.IdleTimeout, options.Value.DrainIdle, clock);
        try
        {
            await splice.RunAsync(ct);
        }
        finally
        {
            metrics.Sessions(session.Protocol, -1);
            metrics.Octets(session.Protocol, "up", splice.Up);
            metrics.Octets(session.Protocol, "down", splice.Down);
            log.Ended(client.Id, session.Protocol, session.Login, session.Connection!.Platform.Name, splice.Up, splice.Down);
        }
    }

    private async ValueTask<Refusal> RefusedAsync(
        LegacyException e, LegacyPlatform platform, SignedIn user, ClientConnection client, string name, long started, CancellationToken ct)
    {
        if (e.Reason == RefusalReason.Forbidden && user.Legacy!.Password is not null)
        {
            metrics.Login(name, platform.Name, "refused", clock.GetElapsedTime(started));
            log.RefusedThere(client.Id, name, platform.Name, user.Login, client.RemoteAddress, e.Message);
            await passwords.SettleElsewhereAsync(user, accepted: false, capture: false, client.RemoteAddress, ct);
            return Wrong;
        }

        // A master user that is not let in is the operator's trouble, not a wrong password of the user's.
        metrics.Login(name, platform.Name, "unavailable", clock.GetElapsedTime(started));
        log.Unavailable(client.Id, name, platform.Name, user.Login, e.Message);
        return e.Reason == RefusalReason.Conflict ? InUse : Away;
    }

    private LegacyLogin LoginOf(LegacyPlatform platform, LegacyHome home, MailAddress address, ClientConnection client, string? helo)
    {
        var name = platform.UserNameOf(address, home.UserName);
        var side = new ClientSide(
            new IPEndPoint(client.RemoteAddress, client.RemotePort), client.LocalEndPoint as IPEndPoint ?? new IPEndPoint(IPAddress.Loopback, 0), client.Id, helo);
        var login = home.Password is { } password ? new LegacyLogin(platform, name, password, "", side, host.Value.Name)
            : platform is not { MasterUser: { } master, MasterPassword: { } secret } ? throw LegacyException.Unavailable("It has no master user any more.")
            : platform.MasterSeparator is { } separator ? new LegacyLogin(platform, name + separator + master, Open(platform, secret), "", side, host.Value.Name)
            : new LegacyLogin(platform, master, Open(platform, secret), name, side, host.Value.Name);
        return login.IsSafe ? login : throw LegacyException.Refused("The credentials hold what no protocol can carry.");
    }

    private string Open(LegacyPlatform platform, string secret)
    {
        try
        {
            return protection.Decrypt(LegacyPlatform.SecretRow(platform.Id), secret);
        }
        catch (Exception e) when (e is InvalidOperationException or System.Security.Cryptography.CryptographicException or FormatException)
        {
            throw LegacyException.Unavailable($"The master password cannot be read on this node: {e.Message}", e);
        }
    }

    // A platform that takes no submissions still says whose password is right; the session is then served here.
    private static (LegacyEndpoint Endpoint, MailProtocols Spoken)? EndpointOf(LegacyEndpoints e, MailProtocols protocol) => protocol switch
    {
        MailProtocols.Imap when e.Imap is { } imap => (imap, protocol),
        MailProtocols.Pop3 when e.Pop3 is { } pop3 => (pop3, protocol),
        MailProtocols.ManageSieve when e.ManageSieve is { } sieve => (sieve, protocol),
        MailProtocols.Submission when e.Submission is { } submission => (submission, protocol),
        MailProtocols.Submission when e.Imap is { } imap => (imap, MailProtocols.Imap),
        MailProtocols.Submission when e.Pop3 is { } pop3 => (pop3, MailProtocols.Pop3),
        _ => null,
    };

    private static string Word(MailProtocols protocol) => protocol switch
    {
        MailProtocols.Imap => "imap",
        MailProtocols.Pop3 => "pop3",
        MailProtocols.Submission => "submission",
        _ => "sieve",
    };
}

/// <summary>A connection to a legacy platform on which somebody has signed in; without one: the platform only judged the password.</summary>
internal sealed class LegacySession(LegacyConnection? connection, string capabilities, AccessProxy proxy, string protocol, string login) : IAsyncDisposable
{
    public LegacyConnection? Connection => connection;

    /// <summary>IMAP: what the platform can do.</summary>
    public string Capabilities => capabilities;

    public string Protocol => protocol;

    public string Login => login;

    public Task SpliceAsync(ClientConnection client, CancellationToken ct) => proxy.SpliceAsync(this, client, ct);

    public ValueTask DisposeAsync() => connection?.DisposeAsync() ?? ValueTask.CompletedTask;
}
