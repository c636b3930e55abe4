namespace SaaS.MailHost.MailAuth;

// 1100s; next free id: 1103
internal static partial class MailAuthLog
{
    [LoggerMessage(1100, LogLevel.Information, "{Id}: spf={Spf} ({SpfDomain}) dkim={Dkim} arc={Arc} dmarc={Dmarc} ({Author}), {Questions} questions")]
    public static partial void Authenticated(
        this ILogger log, string id, string spf, string spfDomain, string dkim, string arc, string dmarc, string author, int questions);

    [LoggerMessage(1101, LogLevel.Information, "{Id}: DMARC of {Author} asks for {Policy}: {Action}; {Reason}")]
    public static partial void Failed(this ILogger log, string id, string author, string policy, string action, string? reason);

    [LoggerMessage(1102, LogLevel.Information, "Forwarded mail is sealed and signed as {Domain} once DNS shows {Name} TXT \"{Record}\"")]
    public static partial void Publish(this ILogger log, string domain, string name, string record);
}
