namespace SaaS.MailHost.Smtp.Wire;

/// <summary>The client wrote nonsense. Becomes a reply in one place, the session.</summary>
internal sealed class SmtpSyntaxException(int code, string enhanced, string text) : Exception(text)
{
    public int Code => code;

    public string Enhanced => enhanced;

    public static SmtpSyntaxException Arguments(string text) => new(501, "5.5.4", text);
}
