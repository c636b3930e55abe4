using System.Globalization;

namespace SaaS.Bench;

/// <summary>What /proc says of processes.</summary>
internal static class Processes
{
    /// <summary>CPU seconds of a process and, for PostgreSQL, of all that it started.</summary>
    public static double Cpu(int pid) => Family(pid).Sum(p =>
    {
        var text = Read($"/proc/{p}/stat");
        var fields = text.Length == 0 ? [] : text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Length < 15 ? 0 : fields[11..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / 100;
    });

    /// <summary>Resident kilobytes that are the process's own: not the files that it maps.</summary>
    public static long Anonymous(int pid) => Read($"/proc/{pid}/status").Split('\n').Where(l => l.StartsWith("RssAnon:", StringComparison.Ordinal))
        .Select(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)).FirstOrDefault();

    private static List<int> Family(int pid)
    {
        var parents = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!, CultureInfo.InvariantCulture))
            .Select(p => (Pid: p, Stat: Read($"/proc/{p}/stat"))).Where(x => x.Stat.Length > 0)
            .ToLookup(x => int.Parse(x.Stat[(x.Stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture), x => x.Pid);
        var family = new List<int> { pid };
        for (var i = 0; i < family.Count; i++)
        {
            family.AddRange(parents[family[i]]);
        }

        return family;
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
