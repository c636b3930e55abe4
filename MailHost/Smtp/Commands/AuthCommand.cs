using Microsoft.Extensions.Options;
using SaaS.Domain.Accounts;
using SaaS.MailHost.Net;
using SaaS.MailHost.Sasl;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>AUTH: one SASL exchange.</summary>
/// <remarks>RFC 4954 §4.</remarks>
internal sealed class AuthCommand(PasswordAuthenticator passwords, IOptions<AuthOptions> options) : SmtpCommand<AuthCommand.Args>
{
    private static readonly SmtpReply Already = new(503, "5.5.1", "Already authenticated.");
    private static readonly SmtpReply NoMechanism = new(504, "5.5.4", "Mechanism not supported.");
    private static readonly SmtpReply NeedsTls = new(538, "5.7.11", "Encryption required for this mechanism.");
    private static readonly SmtpReply Success = new(235, "2.7.0", "Authentication succeeded");
    private static readonly SmtpReply Cancelled = new(501, "5.7.0", "Authentication cancelled.");
    private static readonly SmtpReply NotBase64 = new(501, "5.5.2", "Not base64.");
    private static readonly SmtpReply NoMailbox = new(535, "5.7.8", "Authentication failed.");

    internal sealed record Args(string Mechanism, string? Initial);

    public override string Verb => "AUTH";

    public override bool IsOffered(SmtpSession session) => session is { Extended: true, Profile.OffersAuth: true };

    // auth-command = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) [CRLF cancel-response] CRLF
    protected override Args Parse(ref SmtpReader reader)
    {
        var mechanism = reader.ReadWord();
        var initial = reader.ReadWord();
        reader.ExpectEnd();
        return mechanism.Length == 0
            ? throw SmtpSyntaxException.Arguments("Syntax: AUTH mechanism")
            : new Args(mechanism, initial.Length == 0 ? null : initial);
    }

    protected override async ValueTask<SmtpReply> RunAsync(SmtpSession session, Args arguments, CancellationToken ct)
    {
        if (session.User is not null)
        {
            return Already;
        }

        if (SaslTable.Find(arguments.Mechanism) is not { } mechanism)
        {
            return NoMechanism;
        }

        if (mechanism.NeedsTls && !session.Connection.IsTls && !options.Value.AllowPlaintextAuth)
        {
            return NeedsTls;
        }

        // AUTH ends a pipelined group (RFC 4954 §4): what is already here was sent without knowing the outcome.
        if (session.Connection.HasBufferedInput())
        {
            return SmtpReplies.Pipelined;
        }

        var (step, refused) = await ExchangeAsync(session, mechanism.Start(), arguments.Initial, ct);
        return refused ?? step switch
        {
            SaslStep.Password password => await SignInAsync(session, password, ct),
            SaslStep.Malformed malformed => session.FailedAuth(new SmtpReply(501, "5.5.2", $"Malformed {mechanism.Name} response: {malformed.Why}.")),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static async ValueTask<(SaslStep? Step, SmtpReply? Refused)> ExchangeAsync(
        SmtpSession session, ISaslExchange exchange, string? initial, CancellationToken ct)
    {
        // "=" is an empty initial response (RFC 4954 §4).
        var response = initial is null ? null : initial == "=" ? [] : Decode(initial);
        if (initial is not null && response is null)
        {
            return (null, NotBase64);
        }

        while (true)
        {
            var step = exchange.Next(response);
            if (step is not SaslStep.Challenge challenge)
            {
                return (step, null);
            }

            session.Write(new SmtpReply(334, null, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(challenge.Text))));
            var line = await session.ReadLineAsync(ct);
            if (line is null or "*")
            {
                return (null, line is null ? SmtpReplies.LineTooLong : Cancelled);
            }

            response = Decode(line);
            if (response is null)
            {
                return (null, NotBase64);
            }
        }
    }

    private async ValueTask<SmtpReply> SignInAsync(SmtpSession session, SaslStep.Password password, CancellationToken ct)
    {
        var outcome = await passwords.SignInAsync(password.Login, password.Secret, session.Connection.RemoteAddress, ct);
        if (outcome.Refusal is { } refusal)
        {
            return session.FailedAuth(SmtpReplies.FromSignIn(refusal));
        }

        // Operators and resellers have no mailbox, and so no address to send from.
        if (outcome.Value!.Account is null)
        {
            return session.FailedAuth(NoMailbox);
        }

        session.SignIn(outcome.Value);
        return Success;
    }

    private static byte[]? Decode(string text)
    {
        var bytes = new byte[(text.Length * 3 / 4) + 3];
        return Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : null;
    }
}
