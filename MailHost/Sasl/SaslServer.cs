using Microsoft.Extensions.Options;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.Sasl;

internal enum SaslStatus
{
    SignedIn,
    /// <summary>The mailbox is on a legacy platform, which is to be asked, or which a master user opens: see the user.</summary>
    Elsewhere,
    /// <summary>Login, password, proof or token is wrong, or it must wait, or is suspended: see the refusal.</summary>
    Refused,
    NoMechanism,
    NeedsTls,
    NotBase64,
    Malformed,
    /// <summary>The client said "*".</summary>
    Cancelled,
    /// <summary>The connection ended within the exchange, or its line was too long.</summary>
    Ended,
}

/// <summary>How an exchange ended.</summary>
/// <param name="Status">In short.</param>
/// <param name="User">With SignedIn and Elsewhere; has a mailbox.</param>
/// <param name="Refusal">With Refused.</param>
/// <param name="Why">With Malformed: for the client, about its own answer.</param>
/// <param name="ByToken">It was an access token, which counts at the API too.</param>
internal readonly record struct SaslResult(SaslStatus Status, SignedIn? User = null, Refusal? Refusal = null, string? Why = null, bool ByToken = false);

/// <summary>How a protocol carries an exchange: its continuation and the client's line.</summary>
internal interface ISaslWire
{
    /// <summary>Sends a challenge and reads the answer, both base64. "*" cancels; null: no more to be read.</summary>
    ValueTask<string?> AskAsync(string challenge, CancellationToken ct);
}

/// <summary>Sign-in as all protocols do it; each only says how a challenge travels and what its answers are called.</summary>
/// <remarks>RFC 4422. Delays for failures, and the end of a connection after so many, are the protocol's.</remarks>
internal sealed class SaslServer(PasswordAuthenticator passwords, AccessTokens tokens, IOptions<AuthOptions> options)
{
    private const int MaxSteps = 6;

    /// <summary>In the order of preference that is advertised.</summary>
    private static readonly ISaslMechanism[] All =
    [
        new ScramMechanism(plus: true),
        new ScramMechanism(plus: false),
        new PlainMechanism(),
        new LoginMechanism(),
        new BearerMechanism(old: false),
        new BearerMechanism(old: true),
    ];

    /// <summary>Nobody signs in without TLS, by whatever mechanism: the mail would cross in clear, and a SCRAM exchange that was heard can be guessed at.</summary>
    public bool MaySignIn(ClientConnection connection) => connection.IsTls || options.Value.AllowPlaintextAuth;

    /// <summary>Names of what this connection may use now.</summary>
    public IEnumerable<string> Offered(ClientConnection connection) => All.Where(m => IsOffered(m, connection)).Select(m => m.Name);

    /// <param name="wire">Of the protocol.</param>
    /// <param name="connection">That it runs on.</param>
    /// <param name="protocol">The one.</param>
    /// <param name="name">Of the mechanism, as the client wrote it.</param>
    /// <param name="initial">Initial response in base64; "=" is one of no octets (RFC 4959 §3); null: none.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask<SaslResult> RunAsync(
        ISaslWire wire, ClientConnection connection, MailProtocols protocol, string name, string? initial, CancellationToken ct)
    {
        if (Array.Find(All, m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } mechanism)
        {
            return new SaslResult(SaslStatus.NoMechanism);
        }

        if (!IsOffered(mechanism, connection))
        {
            return new SaslResult(MaySignIn(connection) ? SaslStatus.NoMechanism : SaslStatus.NeedsTls);
        }

        var exchange = mechanism.Start(new SaslContext(connection, protocol, passwords, tokens));
        var text = initial == "=" ? "" : initial;
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            byte[]? response = null;
            if (text is not null && (response = Decode(text)) is null)
            {
                return new SaslResult(SaslStatus.NotBase64);
            }

            switch (await exchange.NextAsync(response, ct))
            {
                case SaslStep.Password p:
                    return await PasswordAsync(p.Login, p.Secret, connection, protocol, ct);
                case SaslStep.Done done:
                    return Result(done.Outcome) with { ByToken = mechanism is BearerMechanism };
                case SaslStep.Malformed malformed:
                    return new SaslResult(SaslStatus.Malformed, Why: malformed.Why);
                case SaslStep.Challenge challenge:
                    text = await wire.AskAsync(Convert.ToBase64String(challenge.Data), ct);
                    if (text is null or "*")
                    {
                        return new SaslResult(text is null ? SaslStatus.Ended : SaslStatus.Cancelled);
                    }

                    break;
            }
        }

        return new SaslResult(SaslStatus.Malformed, Why: "too many steps");
    }

    /// <summary>A login and password that the protocol's own command carried (LOGIN, USER and PASS).</summary>
    public async ValueTask<SaslResult> PasswordAsync(
        string login, string password, ClientConnection connection, MailProtocols protocol, CancellationToken ct) =>
        !MaySignIn(connection)
            ? new SaslResult(SaslStatus.NeedsTls)
            : Result(await passwords.SignInAsync(login, password, connection.RemoteAddress, protocol, ct));

    private bool IsOffered(ISaslMechanism mechanism, ClientConnection connection) =>
        MaySignIn(connection)
        && (mechanism is not ScramMechanism scram
            || (options.Value.OfferScram && (!scram.NeedsChannelBinding || connection.ServerEndPoint is not null)));

    // Without a password only a master user gets in there.
    private static readonly Refusal NeedsPassword = new(RefusalReason.Forbidden, "This account signs in with its password only.");

    // Operators and resellers have no mailbox: for the client that is as good as not being there.
    private static SaslResult Result(Outcome<SignedIn> outcome) =>
        !outcome.Ok ? new SaslResult(SaslStatus.Refused, Refusal: outcome.Refusal)
        : outcome.Value.Legacy is { } legacy
            ? legacy.HasMaster || legacy.Password is not null ? new SaslResult(SaslStatus.Elsewhere, outcome.Value) : new SaslResult(SaslStatus.Refused, Refusal: NeedsPassword)
        : outcome.Value is { Account: not null, Tenant: not null } ? new SaslResult(SaslStatus.SignedIn, outcome.Value)
        : new SaslResult(SaslStatus.Refused, Refusal: new Refusal(RefusalReason.NotFound, "There is no mailbox."));

    private static byte[]? Decode(string text)
    {
        var bytes = new byte[(text.Length * 3 / 4) + 3];
        return Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : null;
    }
}
