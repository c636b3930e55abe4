using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>Reads search keys.</summary>
/// <remarks>RFC 9051 §6.4.4 and §9 search-key; OLDER and YOUNGER RFC 5032, MODSEQ RFC 7162 §3.1.5, EMAILID and THREADID RFC 8474 §6.</remarks>
internal ref struct SearchParser(DateTimeOffset now)
{
    private const int MaxDepth = 50;
    private const int MaxKeys = 1000;

    private readonly DateTimeOffset _now = now;
    private int _depth;
    private int _keys;

    // search-program = … search-key *(SP search-key)
    public SearchKey Program(ref ImapReader r)
    {
        var keys = new List<SearchKey>();
        do
        {
            keys.Add(Key(ref r));
        }
        while (r.TrySpace());
        return keys is [var only] ? only : new SearchKey.And(keys);
    }

    private SearchKey Key(ref ImapReader r)
    {
        if (++_keys > MaxKeys || ++_depth > MaxDepth)
        {
            ImapReader.Fail("The search is too complex.");
        }

        var key = One(ref r);
        _depth--;
        return key;
    }

    private SearchKey One(ref ImapReader r)
    {
        if (r.TryOpen())
        {
            var group = Program(ref r);
            r.Close();
            return group;
        }

        if (SequenceSet.IsNext(r))
        {
            return new SearchKey.Numbers(SequenceSet.Parse(ref r), IsUid: false);
        }

        var name = r.Keyword();
        switch (name)
        {
            case "ALL" or "OLD":
                return new SearchKey.All();
            // \Recent is never set here.
            case "RECENT" or "NEW":
                return new SearchKey.None();
            case "ANSWERED":
                return new SearchKey.Flag(MessageFlags.Answered, true);
            case "UNANSWERED":
                return new SearchKey.Flag(MessageFlags.Answered, false);
            case "DELETED":
                return new SearchKey.Flag(MessageFlags.Deleted, true);
            case "UNDELETED":
                return new SearchKey.Flag(MessageFlags.Deleted, false);
            case "DRAFT":
                return new SearchKey.Flag(MessageFlags.Draft, true);
            case "UNDRAFT":
                return new SearchKey.Flag(MessageFlags.Draft, false);
            case "FLAGGED":
                return new SearchKey.Flag(MessageFlags.Flagged, true);
            case "UNFLAGGED":
                return new SearchKey.Flag(MessageFlags.Flagged, false);
            case "SEEN":
                return new SearchKey.Flag(MessageFlags.Seen, true);
            case "UNSEEN":
                return new SearchKey.Flag(MessageFlags.Seen, false);
            case "FUZZY":
                // RFC 6203: a wish; exact is a fair answer.
                r.Space();
                return Key(ref r);
            case "NOT":
                r.Space();
                return new SearchKey.Not(Key(ref r));
            case "OR":
                r.Space();
                var a = Key(ref r);
                r.Space();
                return new SearchKey.Or(a, Key(ref r));
        }

        r.Space();
        switch (name)
        {
            case "KEYWORD" or "UNKEYWORD":
                var keyword = r.AtomText();
                return ImapFlags.Find(keyword) is { } bit
                    ? new SearchKey.Flag(bit, name == "KEYWORD")
                    : new SearchKey.Keyword(keyword, name == "KEYWORD");
            case "LARGER":
                return new SearchKey.Size(r.Number64(), long.MaxValue);
            case "SMALLER":
                return new SearchKey.Size(-1, r.Number64());
            case "UID":
                return new SearchKey.Numbers(SequenceSet.Parse(ref r), IsUid: true);
            case "BEFORE":
                return new SearchKey.Date(long.MinValue, Seconds(r.Date()));
            case "ON":
                var on = r.Date();
                return new SearchKey.Date(Seconds(on), Seconds(on) + 86400);
            case "SINCE":
                return new SearchKey.Date(Seconds(r.Date()), long.MaxValue);
            case "OLDER":
                return new SearchKey.Date(long.MinValue, _now.ToUnixTimeSeconds() - r.NzNumber() + 1);
            case "YOUNGER":
                return new SearchKey.Date(_now.ToUnixTimeSeconds() - r.NzNumber(), long.MaxValue);
            case "SENTBEFORE":
                return new SearchKey.Column(new MailboxCondition.Sent(null, r.Date()));
            case "SENTON":
                var sent = r.Date();
                return new SearchKey.Column(new MailboxCondition.Sent(sent, Next(sent)));
            case "SENTSINCE":
                return new SearchKey.Column(new MailboxCondition.Sent(r.Date(), null));
            case "SAVEDBEFORE":
                return new SearchKey.Column(new MailboxCondition.Saved(null, At(r.Date())));
            case "SAVEDON":
                var saved = r.Date();
                return new SearchKey.Column(new MailboxCondition.Saved(At(saved), At(Next(saved))));
            case "SAVEDSINCE":
                return new SearchKey.Column(new MailboxCondition.Saved(At(r.Date()), null));
            case "MODSEQ":
                return ModSeq(ref r);
            case "EMAILID":
                return ObjectId(ref r, 'M', static id => new MailboxCondition.EmailId(id));
            case "THREADID":
                return ObjectId(ref r, 'T', static id => new MailboxCondition.Thread(id));
            case "FROM":
                return new SearchKey.Envelope('f', r.AString());
            case "TO":
                return new SearchKey.Envelope('t', r.AString());
            case "CC":
                return new SearchKey.Envelope('c', r.AString());
            case "BCC":
                return new SearchKey.Envelope('b', r.AString());
            case "SUBJECT":
                return new SearchKey.Envelope('s', r.AString());
            case "BODY":
                return Text(r.AString(), andHeader: false);
            case "TEXT":
                return Text(r.AString(), andHeader: true);
            case "HEADER":
                var field = r.AString();
                r.Space();
                return Header(field, r.AString());
            default:
                throw new ImapSyntaxException("Unknown search key.");
        }
    }

    // "" is in every message.
    private static SearchKey Text(string term, bool andHeader) =>
        term.Length == 0 ? new SearchKey.All() : new SearchKey.Text(term, andHeader);

    private static SearchKey Header(string field, string text) => field.ToUpperInvariant() switch
    {
        "SUBJECT" => new SearchKey.Envelope('s', text),
        "MESSAGE-ID" => new SearchKey.Envelope('m', text),
        "IN-REPLY-TO" => new SearchKey.Envelope('i', text),
        _ => new SearchKey.Header(field, text),
    };

    // search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer
    private static SearchKey.ModSeq ModSeq(ref ImapReader r)
    {
        if (r.IsString())
        {
            // Per-flag modseqs are not kept; the message's own is never lower (RFC 7162 §3.1.5 allows that).
            r.String();
            r.Space();
            r.AtomText();
            r.Space();
        }

        return new SearchKey.ModSeq(r.Number64());
    }

    private static SearchKey ObjectId(ref ImapReader r, char prefix, Func<long, MailboxCondition> make)
    {
        var text = r.AString();
        return text.Length > 1 && text[0] == prefix
            && long.TryParse(text.AsSpan(1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id)
            ? new SearchKey.Column(make(id))
            : new SearchKey.None();
    }

    private static DateTimeOffset At(DateOnly day) => new(day, default, default);

    private static DateOnly Next(DateOnly day) => day == DateOnly.MaxValue ? day : day.AddDays(1);

    private static long Seconds(DateOnly day) => At(day).ToUnixTimeSeconds();
}
