using SaaS.MailHost.Sasl;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>Every extension, in the order of the EHLO answer. A new one is a file beside this and a line here.</summary>
internal sealed class ExtensionTable(SaslServer sasl)
{
    private static readonly SmtpReply UnknownParameter = new(555, "5.5.4", "Parameter not recognised.");

    private readonly SmtpExtension[] _all =
    [
        new PipeliningExtension(),
        new SizeExtension(),
        new EightBitMimeExtension(),
        new BinaryMimeExtension(),
        new ChunkingExtension(),
        new SmtpUtf8Extension(),
        new EnhancedStatusCodesExtension(),
        new DsnExtension(),
        new LimitsExtension(),
        new StartTlsExtension(),
        new AuthExtension(sasl),
    ];

    public IEnumerable<string> Keywords(SmtpSession session)
    {
        var all = _all.Select(e => e.Keyword(session)).OfType<string>();
        var hidden = session.User is null ? session.Profile.Options.HiddenUntilSignIn : [];
        return hidden.Count == 0 ? all : all.Where(k => !hidden.Contains(k.Split(' ')[0], StringComparer.OrdinalIgnoreCase));
    }

    public SmtpReply? OnMail(SmtpSession session, SmtpTransaction transaction, IReadOnlyList<EsmtpParameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            if (Find(session, parameter, e => e.MailParameters) is not { } extension)
            {
                return UnknownParameter;
            }

            if (extension.OnMail(session, transaction, parameter) is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    public SmtpReply? OnRcpt(SmtpSession session, SmtpRecipient recipient, IReadOnlyList<EsmtpParameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            if (Find(session, parameter, e => e.RcptParameters) is not { } extension)
            {
                return UnknownParameter;
            }

            if (extension.OnRcpt(session, recipient, parameter) is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    private SmtpExtension? Find(SmtpSession session, EsmtpParameter parameter, Func<SmtpExtension, IReadOnlyList<string>> keywords)
    {
        foreach (var extension in _all)
        {
            if (keywords(extension).Contains(parameter.Keyword))
            {
                return session.Extended && extension.Keyword(session) is not null ? extension : null;
            }
        }

        return null;
    }
}
