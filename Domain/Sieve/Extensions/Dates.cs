using System.Globalization;
using MimeKit.Utils;
using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>date and currentdate.</summary>
/// <remarks>RFC 5260 §4, §5.</remarks>
internal static class Dates
{
    private static readonly HashSet<string> Parts = new(StringComparer.OrdinalIgnoreCase)
    {
        "year", "month", "day", "date", "julian", "hour", "minute", "second", "time", "iso8601", "std11", "zone", "weekday",
    };

    public static SieveCondition Date(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(
            compiler, test, [.. Match.Tags, .. HeaderFields.IndexTags, new("zone", TagValue.Text), new("originalzone")]);
        var match = Match.Read(compiler, arguments);
        HeaderFields.CheckIndex(arguments);
        arguments.OneOf("zone", "originalzone");
        var zone = Zone(arguments);
        var (index, last, original) = (arguments.TagNumber("index"), arguments.Has("last"), arguments.Has("originalzone"));
        var name = arguments.Text("the header field");
        if (name.Constant is { } constant && !HeaderFields.IsName(constant))
        {
            throw arguments.Wrong(name.Line, $"\"{constant}\" is not the name of a header field");
        }

        var part = Part(arguments);
        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();
        return m =>
        {
            var wanted = name.Get(m);
            var field = HeaderFields.Pick(m.Content.Fields.Where(f => f.Is(wanted)), index ?? 1, last).FirstOrDefault();
            return match.Any(m, Value(Parse(field?.Plain), original ? static t => t : zone(m), part.Get(m)), keys);
        };
    }

    public static SieveCondition CurrentDate(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, [.. Match.Tags, new("zone", TagValue.Text)]);
        var match = Match.Read(compiler, arguments);
        var zone = Zone(arguments);
        var part = Part(arguments);
        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();
        return m => match.Any(m, Value(m.Context.Now, zone(m), part.Get(m)), keys);
    }

    private static SieveText Part(SieveArguments arguments)
    {
        var part = arguments.Text("the date part");
        return part.Constant is { } constant && !Parts.Contains(constant)
            ? throw arguments.Wrong(part.Line, $"unknown date part \"{constant}\"")
            : part;
    }

    private static Func<SieveMachine, Func<DateTimeOffset, DateTimeOffset>> Zone(SieveArguments arguments)
    {
        if (arguments.TagText("zone") is not { } zone)
        {
            // Without :zone it is the server's own.
            return static m => m.Context.Now.Offset is var offset ? t => t.ToOffset(offset) : static t => t;
        }

        if (zone.Constant is { } constant && Offset(constant) is null)
        {
            throw arguments.Wrong(zone.Line, $"a time zone is written +hhmm or -hhmm, not \"{constant}\"");
        }

        return m => Offset(zone.Get(m)) is { } offset ? t => t.ToOffset(offset) : throw new SieveRunException("a time zone is written +hhmm or -hhmm");
    }

    private static TimeSpan? Offset(string zone)
    {
        if (zone.Length != 5 || zone[0] is not ('+' or '-') || !zone[1..].All(char.IsAsciiDigit))
        {
            return null;
        }

        var minutes = (int.Parse(zone[1..3], CultureInfo.InvariantCulture) * 60) + int.Parse(zone[3..], CultureInfo.InvariantCulture);
        return minutes > 14 * 60 ? null : TimeSpan.FromMinutes(zone[0] == '-' ? -minutes : minutes);
    }

    // Received has its date behind the last semicolon.
    private static DateTimeOffset? Parse(string? value)
    {
        if (value is null)
        {
            return null;
        }

        var text = value[(value.LastIndexOf(';') + 1)..].Trim();
        return DateUtils.TryParse(text, out var date) && date.Year is > 1 and < 9999 ? date : null;
    }

    private static IEnumerable<string> Value(DateTimeOffset? date, Func<DateTimeOffset, DateTimeOffset> zone, string part)
    {
        if (date is not { } d)
        {
            return [];
        }

        var t = zone(d);
        var offset = (t.Offset < TimeSpan.Zero ? "-" : "+") + t.Offset.ToString("hhmm", CultureInfo.InvariantCulture);
        string? text = part.ToLowerInvariant() switch
        {
            "year" => Format(t, "yyyy"),
            "month" => Format(t, "MM"),
            "day" => Format(t, "dd"),
            "date" => Format(t, "yyyy-MM-dd"),
            "julian" => ((int)(t.DateTime.Date - new DateTime(1858, 11, 17)).TotalDays).ToString(CultureInfo.InvariantCulture),
            "hour" => Format(t, "HH"),
            "minute" => Format(t, "mm"),
            "second" => Format(t, "ss"),
            "time" => Format(t, "HH:mm:ss"),
            "iso8601" => Format(t, "yyyy-MM-ddTHH:mm:ss") + offset[..3] + ":" + offset[3..],
            "std11" => Format(t, "ddd, dd MMM yyyy HH:mm:ss ") + offset,
            "zone" => offset,
            "weekday" => ((int)t.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            _ => null,
        };
        return text is null ? [] : [text];
    }

    private static string Format(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
