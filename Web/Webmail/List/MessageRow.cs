using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.List;

/// <summary>One line of the list: an email, or the newest email of a conversation with what its others add.</summary>
public sealed record MessageRow(Email Email, int Count, bool Unread, bool Starred, bool Draft, IReadOnlyList<EmailAddress> People)
{
    public string Id => Email.Id ?? "";
    public string ThreadId => Email.ThreadId ?? Email.Id ?? "";

    public SearchSnippet? Snippet { get; init; }

    /// <summary>How it is to be sent, where it waits for that.</summary>
    public EmailSubmission? Submission { get; init; }

    /// <summary>Builds the line from the newest email and whatever else of its conversation is known.</summary>
    public static MessageRow Of(Email email, IReadOnlyList<Email> thread, bool outgoing)
    {
        var others = thread.Count > 0 ? thread : [email];
        var shown = outgoing ? email.To ?? [] : email.From ?? [];
        var people = outgoing
            ? shown
            : [.. others.OrderBy(e => e.ReceivedAt).SelectMany(e => e.From ?? []).Concat(shown)
                .DistinctBy(a => (a.Email ?? a.Name ?? "").ToLowerInvariant()).TakeLast(4)];
        return new MessageRow(
            email, Math.Max(1, thread.Count), others.Any(e => !e.IsSeen), others.Any(e => e.IsFlagged), email.IsDraft,
            people.Count > 0 ? people : shown);
    }
}
