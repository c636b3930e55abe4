using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.MailHost.Sasl;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>AUTH: one SASL exchange.</summary>
/// <remarks>RFC 4954 §4.</remarks>
internal sealed class AuthCommand(SaslServer sasl, AccessProxy.AccessProxy proxy) : SmtpCommand<AuthCommand.Args>
{
    private static readonly SmtpReply Already = new(503, "5.5.1", "Already authenticated.");
    private static readonly SmtpReply NoMechanism = new(504, "5.5.4", "Mechanism not supported.");
    private static readonly SmtpReply NeedsTls = new(538, "5.7.11", "Encryption required for this mechanism.");
    private static readonly SmtpReply Success = new(235, "2.7.0", "Authentication succeeded");
    private static readonly SmtpReply Away = new(454, "4.7.0", "The mailbox cannot be reached at present; try again later.");
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

        // AUTH ends a pipelined group (RFC 4954 §4): what is already here was sent without knowing the outcome.
        if (session.Connection.HasBufferedInput())
        {
            return SmtpReplies.Pipelined;
        }

        var result = await sasl.RunAsync(
            new Wire(session), session.Connection, MailProtocols.Submission, arguments.Mechanism, arguments.Initial, ct);
        switch (result.Status)
        {
            case SaslStatus.SignedIn:
                session.SignIn(result.User!);
                return Success;
            case SaslStatus.Elsewhere:
                return await ElsewhereAsync(session, result.User!, ct);
            case SaslStatus.NoMechanism:
                return NoMechanism;
            case SaslStatus.NeedsTls:
                return NeedsTls;
            case SaslStatus.NotBase64:
                return NotBase64;
            case SaslStatus.Cancelled:
                return Cancelled;
            case SaslStatus.Ended:
                return SmtpReplies.LineTooLong;
            case SaslStatus.Malformed:
                return session.FailedAuth(new SmtpReply(501, "5.5.2", $"Malformed {arguments.Mechanism.ToUpperInvariant()} response: {result.Why}."));
            default:
                return session.FailedAuth(result.Refusal!.Reason == RefusalReason.NotFound ? NoMailbox : SmtpReplies.FromSignIn(result.Refusal));
        }
    }

    private async ValueTask<SmtpReply> ElsewhereAsync(SmtpSession session, SignedIn user, CancellationToken ct)
    {
        var opened = await proxy.OpenAsync(MailProtocols.Submission, user, session.Connection, session.ClientName, ct);
        if (!opened.Ok)
        {
            return opened.Refusal.Reason == RefusalReason.Forbidden
                ? session.FailedAuth(SmtpReplies.FromSignIn(opened.Refusal))
                : opened.Refusal.Reason == RefusalReason.NotFound ? NoMailbox : Away;
        }

        if (opened.Value.Connection is null)
        {
            // The platform has no submission service: it judged the password, and the mail is taken here.
            session.SignIn(user);
        }
        else
        {
            session.PassOn(opened.Value);
        }

        return Success;
    }

    private sealed class Wire(SmtpSession session) : ISaslWire
    {
        public async ValueTask<string?> AskAsync(string challenge, CancellationToken ct)
        {
            session.Write(new SmtpReply(334, null, challenge));
            return await session.ReadLineAsync(ct);
        }
    }
}
