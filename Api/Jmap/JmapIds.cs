using System.Globalization;
using SaaS.Domain.Common;

namespace SaaS.Api.Jmap;

/// <summary>Ids as JMAP writes them: a letter for the type and the number (RFC 8620 §1.2 advises against digits in front).</summary>
internal static class JmapIds
{
    public static string Of(AccountId id) => Write('A', id.Value);

    public static string Of(MailboxId id) => Write('B', id.Value);

    public static string Of(MessageId id) => Write('M', id.Value);

    public static string Of(ThreadId id) => Write('T', id.Value);

    public static string OfIdentity(long id) => Write('I', id);

    public static string OfSubmission(long id) => Write('S', id);

    public static AccountId? Account(string? text) => Read('A', text) is { } id ? new AccountId(id) : null;

    public static MailboxId? Mailbox(string? text) => Read('B', text) is { } id ? new MailboxId(id) : null;

    public static MessageId? Email(string? text) => Read('M', text) is { } id ? new MessageId(id) : null;

    public static ThreadId? Thread(string? text) => Read('T', text) is { } id ? new ThreadId(id) : null;

    public static long? Identity(string? text) => Read('I', text);

    public static long? Submission(string? text) => Read('S', text);

    public static string OfScript(long id) => Write('V', id);

    public static long? Script(string? text) => Read('V', text);

    private static string Write(char type, long id) => string.Create(CultureInfo.InvariantCulture, $"{type}{id}");

    private static long? Read(char type, string? text) =>
        text is { Length: > 1 and < 21 } && text[0] == type && text[1] != '0'
        && long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : null;
}
