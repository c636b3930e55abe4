using System.Globalization;

namespace SaaS.Web.Portal;

/// <summary>Figures and times as people read them.</summary>
internal static class Show
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB", "PB"];

    /// <summary>1 KB = 1024 bytes, as quotas are set; one decimal below ten.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var format = unit == 0 || value >= 10 || Math.Abs(value - Math.Round(value)) < 0.05 ? "0" : "0.0";
        return value.ToString(format, CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long number, string one, string? many = null) =>
        Number(number) + " " + (number == 1 ? one : many ?? one + "s");

    /// <summary>"3 min ago", "in 2 h", "12 Mar 2026".</summary>
    public static string Ago(DateTimeOffset? at, DateTimeOffset now)
    {
        if (at is not { } time)
        {
            return "never";
        }

        var span = now - time;
        var past = span >= TimeSpan.Zero;
        var size = span.Duration();
        if (size < TimeSpan.FromSeconds(45))
        {
            return past ? "just now" : "in a moment";
        }

        if (size > TimeSpan.FromDays(14))
        {
            return time.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
        }

        var text = size < TimeSpan.FromSeconds(90) ? "1 min" : Length(size);
        return past ? text + " ago" : "in " + text;
    }

    /// <summary>A duration in its one or two largest units: "45 s", "12 min", "3 h", "5 days".</summary>
    public static string Length(TimeSpan span) => span switch
    {
        { TotalSeconds: < 90 } => $"{Math.Max(0, (int)span.TotalSeconds)} s",
        { TotalMinutes: < 90 } => $"{(int)Math.Round(span.TotalMinutes)} min",
        { TotalHours: < 36 } => $"{(int)Math.Round(span.TotalHours)} h",
        _ => $"{(int)Math.Round(span.TotalDays)} days",
    };

    public static string Date(DateTimeOffset at) => at.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
