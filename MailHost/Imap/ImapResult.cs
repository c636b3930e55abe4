using SaaS.Domain.Common;

namespace SaaS.MailHost.Imap;

internal enum ImapStatus
{
    Ok,
    No,
    Bad,
}

/// <summary>What the session does once the tagged line is out.</summary>
internal enum ImapAfter
{
    GoOn,
    StartTls,
    Close,
    /// <summary>The connection is one with a legacy platform's from here on.</summary>
    PassOn,
}

/// <summary>How a command ended; the session writes the tagged line.</summary>
/// <param name="Status">OK, NO or BAD.</param>
/// <param name="Text">One sentence; null: the usual one.</param>
/// <param name="Code">Response code without brackets.</param>
/// <param name="After">What follows.</param>
internal readonly record struct ImapResult(ImapStatus Status, string? Text = null, string? Code = null, ImapAfter After = ImapAfter.GoOn)
{
    public static ImapResult Ok { get; } = new(ImapStatus.Ok);

    public static ImapResult OkWith(string code, string? text = null) => new(ImapStatus.Ok, text, code);

    public static ImapResult No(string text, string? code = null) => new(ImapStatus.No, text, code);

    public static ImapResult No(Refusal refusal) => new(ImapStatus.No, refusal.Text, ImapError.Code(refusal.Reason));

    public static ImapResult Bad(string text, string? code = null) => new(ImapStatus.Bad, text, code);

    /// <summary>The mailbox that was to receive messages is not there: CREATE would help (RFC 9051 §7.1).</summary>
    public static ImapResult TryCreate { get; } = new(ImapStatus.No, "No such mailbox.", "TRYCREATE");

    public static ImapResult NoMailbox { get; } = new(ImapStatus.No, "No such mailbox.", "NONEXISTENT");
}
