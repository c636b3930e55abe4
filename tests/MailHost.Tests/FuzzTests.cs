using SaaS.Fuzz;
using Xunit;

namespace SaaS.MailHost.Tests;

/// <summary>Every target of tests/Fuzz for some seconds with the same seed each time, and all that ever broke one.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Share = TimeSpan.FromSeconds(60.0 / TargetTable.All.Count);

    public static TheoryData<string> Targets => [.. TargetTable.All];

    public static TheoryData<string, string> Crashes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (target, file) in Corpus.Kept())
            {
                data.Add(target, file);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Octets_that_nobody_meant(string name)
    {
        await using var target = TargetTable.Create(name);
        var fuzzer = new Fuzzer(target, seed: 1, alone: false);
        var crash = await fuzzer.RunAsync(Share, TestContext.Current.CancellationToken);
        output.WriteLine($"{fuzzer.Runs} inputs, {fuzzer.Learned} learned");
        Assert.True(crash is null, crash is null ? "" : $"{crash.Why}\nkept as {Corpus.Keep(name, crash.Input)}");
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Crashes))]
    public async Task What_broke_it_once(string name, string file)
    {
        await using var target = TargetTable.Create(name);
        var crash = await Fuzzer.TryAsync(target, Corpus.Read(file), alone: false);
        Assert.True(crash is null, crash?.Why);
    }
}
