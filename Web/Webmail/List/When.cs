using System.Globalization;

namespace SaaS.Web.Webmail.List;

/// <summary>Dates as short as they can be understood.</summary>
public static class When
{
    public static string Short(DateTimeOffset? time, DateTimeOffset now)
    {
        if (time is not { } at)
        {
            return "";
        }

        at = at.ToOffset(now.Offset);
        return (now.Date - at.Date).Days switch
        {
            0 => at.ToString("HH:mm", CultureInfo.CurrentCulture),
            1 => "Yesterday",
            > 1 and < 7 => at.ToString("ddd", CultureInfo.CurrentCulture),
            _ when at.Year == now.Year => at.ToString("d MMM", CultureInfo.CurrentCulture),
            _ => at.ToString("d MMM yyyy", CultureInfo.CurrentCulture),
        };
    }

    public static string Long(DateTimeOffset? time, DateTimeOffset now) =>
        time is { } at ? at.ToOffset(now.Offset).ToString("ddd, d MMM yyyy, HH:mm", CultureInfo.CurrentCulture) : "";

    /// <summary>A moment to come: "in 5 s", "today 18:00", "tomorrow 08:00", "Mon, 3 Mar, 08:00".</summary>
    public static string Ahead(DateTimeOffset? time, DateTimeOffset now)
    {
        if (time is not { } at)
        {
            return "soon";
        }

        at = at.ToOffset(now.Offset);
        return (at - now).TotalSeconds switch
        {
            <= 0 => "now",
            < 60 and var s => string.Create(CultureInfo.CurrentCulture, $"in {Math.Ceiling(s):0} s"),
            _ => (at.Date - now.Date).Days switch
            {
                0 => "today " + at.ToString("HH:mm", CultureInfo.CurrentCulture),
                1 => "tomorrow " + at.ToString("HH:mm", CultureInfo.CurrentCulture),
                _ => at.ToString("ddd, d MMM, HH:mm", CultureInfo.CurrentCulture),
            },
        };
    }

    public static string Size(long? bytes) => bytes switch
    {
        null => "",
        < 1024 => string.Create(CultureInfo.CurrentCulture, $"{bytes} B"),
        < 1024 * 1024 => string.Create(CultureInfo.CurrentCulture, $"{bytes / 1024d:0} KB"),
        _ => string.Create(CultureInfo.CurrentCulture, $"{bytes / 1048576d:0.0} MB"),
    };
}
