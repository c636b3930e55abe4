using System.Globalization;
using System.Text.Json;

namespace SaaS.Bench;

/// <summary>The part to run, its options, and the service under test as run.json describes it.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly JsonElement _run;

    private Options(string part, Dictionary<string, string> values)
    {
        (Part, _values) = (part, values);
        var file = values.GetValueOrDefault("run", ".data/run.json");
        _run = File.Exists(file)
            ? JsonDocument.Parse(File.ReadAllText(file)).RootElement
            : throw new FileNotFoundException($"{file}: start ./run --detach first, or name its run.json with --run.");
    }

    public string Part { get; }

    public string Run(string key) => _run.GetProperty(key).GetString()!;

    public int Pid(string process) => _run.GetProperty("pids").GetProperty(process).GetInt32();

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public int Number(string name, int otherwise) =>
        _values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public static Options Parse(string[] args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 1; i + 1 < args.Length; i += 2)
        {
            values[args[i].TrimStart('-')] = args[i + 1];
        }

        return new Options(args.FirstOrDefault() ?? "", values);
    }
}
