using SaaS.Domain.Learning;
using SaaS.Domain.Mailboxes;

namespace SaaS.Domain.Messages;

/// <summary>
/// The part of a statement that moves or marks messages which records what is to be learnt. Mail that the owner wrote, and junk that is
/// thrown away, say nothing.
/// </summary>
internal static class LearningSql
{
    private const string Insert = """
        , learned AS (
          INSERT INTO learn_event (account_id, content_id, verdict, channel, user_id, at)
        """;

    private static readonly string Conflict = $"""
          LIMIT {LearningQueue.MaxAtOnce}
          ON CONFLICT (account_id, content_id) DO UPDATE SET verdict = excluded.verdict, channel = excluded.channel, user_id = excluded.user_id, at = excluded.at
        )
        """;

    private static readonly string Own = $"{(int)SpecialUse.Drafts}, {(int)SpecialUse.Sent}, {(int)SpecialUse.Scheduled}";

    /// <summary>Behind "src", which says from where; $5 is the target, $6 now, $7 the channel, $8 the user. Nothing without a source.</summary>
    public static string OfMove(LearnSource? source) => source is null ? "" : $"""
        {Insert}
          SELECT DISTINCT ON (src.content_id) $1, src.content_id, (d.special_use = {(int)SpecialUse.Junk})::int::smallint, $7, $8, $6
          FROM src JOIN mailbox f ON f.account_id = $1 AND f.id = src.mailbox_id JOIN mailbox d ON d.account_id = $1 AND d.id = $5
          WHERE EXISTS (SELECT FROM s) AND ((d.special_use = {(int)SpecialUse.Junk} AND f.special_use NOT IN ({(int)SpecialUse.Junk}, {Own}))
            OR (f.special_use = {(int)SpecialUse.Junk} AND d.special_use NOT IN ({(int)SpecialUse.Junk}, {(int)SpecialUse.Trash}, {Own})))
        {Conflict}
        """;

    /// <summary>
    /// Where $Junk or $NotJunk is set: from "m", the messages as they were before, in their mailbox "b". $NotJunk counts as a correction only:
    /// some programs set it on everything that they do not take for junk themselves.
    /// </summary>
    /// <param name="source">Null: nothing is learnt.</param>
    /// <param name="change">Sets one of the two, or nothing is learnt.</param>
    /// <param name="from">FROM clause and condition.</param>
    /// <param name="now">First of three parameters: time, channel, user.</param>
    public static string OfMark(LearnSource? source, FlagChange change, string from, int now)
    {
        const MessageFlags Both = MessageFlags.Junk | MessageFlags.NotJunk;
        var set = change.Add & Both;
        return source is null || set is MessageFlags.None or Both ? "" : $"""
            {Insert}
              SELECT DISTINCT ON (m.content_id) $1, m.content_id, {(set == MessageFlags.Junk ? 1 : 0)}::smallint, ${now + 1}, ${now + 2}, ${now}
              {from} AND m.flags & {(int)set} = 0 AND {(set == MessageFlags.Junk
                  ? $"b.special_use NOT IN ({(int)SpecialUse.Junk}, {(int)SpecialUse.Trash}, {Own})"
                  : $"(m.flags & {(int)MessageFlags.Junk} <> 0 OR b.special_use = {(int)SpecialUse.Junk})")}
            {Conflict}
            """;
    }
}
