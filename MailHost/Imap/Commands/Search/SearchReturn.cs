using System.Globalization;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>A page of a result: places from First to Last, from the other end with <paramref name="FromEnd"/> (RFC 9394 §3.1).</summary>
internal readonly record struct PartialRange(uint First, uint Last, bool FromEnd)
{
    // partial-range = partial-range-first / partial-range-last;  "-" nz-number ":" "-" nz-number
    public static PartialRange Parse(ref ImapReader r)
    {
        var fromEnd = r.TryByte((byte)'-');
        var first = r.NzNumber();
        r.Expect((byte)':');
        if (r.TryByte((byte)'-') != fromEnd)
        {
            ImapReader.Fail("Both ends of the range are counted from the same end.");
        }

        var last = r.NzNumber();
        return first <= last ? new PartialRange(first, last, fromEnd) : new PartialRange(last, first, fromEnd);
    }

    public List<T> Of<T>(List<T> all)
    {
        if (First > all.Count)
        {
            return [];
        }

        var count = (int)Math.Min(Last, (uint)all.Count) - (int)First + 1;
        return all.GetRange(FromEnd ? all.Count - (int)First - count + 1 : (int)First - 1, count);
    }

    public override string ToString() =>
        FromEnd ? string.Create(CultureInfo.InvariantCulture, $"-{First}:-{Last}") : string.Create(CultureInfo.InvariantCulture, $"{First}:{Last}");
}

/// <summary>What RETURN of SEARCH, SORT and ESEARCH asks for.</summary>
/// <remarks>RFC 4731 §3.1, SAVE RFC 5182 §2.1, PARTIAL RFC 9394 §3.1.</remarks>
internal sealed record SearchReturn(bool Min, bool Max, bool All, bool Count, bool Save, PartialRange? Partial)
{
    /// <summary>RETURN (), and what IMAP4rev2 answers without RETURN.</summary>
    public static SearchReturn Default { get; } = new(false, false, All: true, false, false, null);

    public bool Tells => Min || Max || All || Count || Partial is not null;

    // search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
    public static SearchReturn Parse(ref ImapReader r)
    {
        bool min = false, max = false, all = false, count = false, save = false, any = false;
        PartialRange? partial = null;
        r.Open();
        while (!r.TryClose())
        {
            r.TrySpace();
            any = true;
            switch (r.Keyword())
            {
                case "MIN":
                    min = true;
                    break;
                case "MAX":
                    max = true;
                    break;
                case "ALL":
                    all = true;
                    break;
                case "COUNT":
                    count = true;
                    break;
                case "SAVE":
                    save = true;
                    break;
                case "PARTIAL" when partial is null:
                    r.Space();
                    partial = PartialRange.Parse(ref r);
                    break;
                default:
                    ImapReader.Fail("Unknown return option.");
                    break;
            }
        }

        // RFC 9394 §3.1: the whole and a part of it make no sense together.
        if (all && partial is not null)
        {
            ImapReader.Fail("ALL and PARTIAL cannot stand together.");
        }

        return any ? new SearchReturn(min, max, all, count, save, partial) : Default;
    }

    /// <summary>What SAVE keeps of the UIDs that were found (RFC 5182 §2.4, RFC 9394 §3.1): only MIN and MAX asked for, only they.</summary>
    public List<NumberRange> Saved(List<uint> uids)
    {
        if (uids.Count == 0)
        {
            return [];
        }

        if (All || Count || !(Min || Max || Partial is not null))
        {
            return Ranges(uids);
        }

        var kept = Partial?.Of(uids) ?? [];
        if (Min)
        {
            kept.Add(uids[0]);
        }

        if (Max)
        {
            kept.Add(uids[^1]);
        }

        return Ranges(kept);
    }

    /// <summary>The data of an ESEARCH response, in the order in which the numbers are given (RFC 4731 §3.1, RFC 5267 §3).</summary>
    public void Write(ImapWriter w, List<uint> numbers)
    {
        if (numbers.Count > 0)
        {
            if (Min)
            {
                w.Raw(" MIN "u8).Number(numbers[0]);
            }

            if (Max)
            {
                w.Raw(" MAX "u8).Number(numbers[^1]);
            }

            if (All)
            {
                w.Raw(" ALL "u8).Raw(NumberRange.Format(NumberRange.FromAscending(numbers)));
            }
        }

        if (Count)
        {
            w.Raw(" COUNT "u8).Number(numbers.Count);
        }

        if (Partial is { } range)
        {
            var page = range.Of(numbers);
            w.Raw(" PARTIAL ("u8).Raw(range.ToString()).Space()
                .Raw(page.Count == 0 ? "NIL" : NumberRange.Format(NumberRange.FromAscending(page))).Byte((byte)')');
        }
    }

    private static List<NumberRange> Ranges(List<uint> uids) => NumberRange.Merge(NumberRange.FromAscending(uids));
}
