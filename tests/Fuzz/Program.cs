using SaaS.Fuzz;

// dotnet run --project tests/Fuzz -- TARGET… [--minutes N] [--seed N]      see README.md
var names = new List<string>();
var minutes = 1.0;
var seed = Environment.TickCount;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--minutes":
            minutes = double.Parse(args[++i], System.Globalization.CultureInfo.InvariantCulture);
            break;
        case "--seed":
            seed = int.Parse(args[++i], System.Globalization.CultureInfo.InvariantCulture);
            break;
        default:
            names.Add(args[i]);
            break;
    }
}

var chosen = TargetTable.All.Where(t => names.Contains("all") || names.Exists(n => t.StartsWith(n, StringComparison.Ordinal))).ToList();
if (chosen.Count == 0)
{
    await Console.Error.WriteLineAsync("Targets: all " + string.Join(' ', TargetTable.All));
    return 2;
}

var found = 0;
foreach (var name in chosen)
{
    await using var target = TargetTable.Create(name);
    var fuzzer = new Fuzzer(target, seed, alone: true);
    var crash = await fuzzer.RunAsync(TimeSpan.FromMinutes(minutes), CancellationToken.None);
    Console.WriteLine($"{name}: {fuzzer.Runs} inputs, {fuzzer.Learned} learned, seed {seed}, {(crash is null ? "none broke it" : "BROKEN")}");
    if (crash is not null)
    {
        found++;
        Console.WriteLine(crash.Why);
        Console.WriteLine("kept as " + Corpus.Keep(name, crash.Input));
    }
}

return found == 0 ? 0 : 1;
