using System.Diagnostics;

namespace SaaS.Fuzz;

/// <summary>An input that a target did not stand.</summary>
internal sealed record Crash(byte[] Input, string Why);

/// <summary>
/// Runs a target on mutated seeds until its time is over. Without instrumentation there is no coverage to follow: an input that makes the target
/// do something new is told by how its answer looks, and joins the seeds.
/// </summary>
/// <param name="alone">Nothing else runs in this process: what is allocated is the target's doing.</param>
internal sealed class Fuzzer(Target target, int seed, bool alone)
{
    private const int ResetEvery = 1000;

    public long Runs { get; private set; }

    public int Learned { get; private set; }

    public async Task<Crash?> RunAsync(TimeSpan time, CancellationToken ct)
    {
        var random = new Random(seed);
        var mutator = new Mutator(random, target.Words);
        List<byte[]> pool = [.. target.Seeds()];
        var clock = Stopwatch.StartNew();
        await target.ResetAsync();
        foreach (var input in pool)
        {
            if (await TryAsync(target, input, alone) is { } broken)
            {
                return broken;
            }
        }

        var seen = new HashSet<int>();
        while (clock.Elapsed < time && !ct.IsCancellationRequested)
        {
            if (++Runs % ResetEvery == 0)
            {
                await target.ResetAsync();
            }

            var input = mutator.Mutate(pool[random.Next(pool.Count)], pool[random.Next(pool.Count)]);
            if (await TryAsync(target, input, alone) is { } crash)
            {
                return crash;
            }

            if (target is IObserved { Shape: var shape } && seen.Count < 20_000 && seen.Add(shape) && Runs > 50 && input.Length < 8192)
            {
                pool.Add(input);
                Learned++;
            }
        }

        return null;
    }

    public static async Task<Crash?> TryAsync(Target target, byte[] input, bool alone)
    {
        var before = GC.GetTotalAllocatedBytes();
        try
        {
            // On a thread of its own: a parser that never returns must not take the fuzzer with it.
            await Task.Run(() => target.RunAsync(input)).WaitAsync(target.Patience);
        }
        catch (TimeoutException)
        {
            return new Crash(input, $"no end within {target.Patience.TotalSeconds:0} s");
        }
        catch (Exception e)
        {
            return new Crash(input, e.ToString());
        }

        var allocated = GC.GetTotalAllocatedBytes() - before;
        return alone && allocated > target.MaxAllocated ? new Crash(input, $"{allocated >> 20} MB allocated") : null;
    }
}

/// <summary>A target whose last answer has a shape: equal for inputs that it took the same way.</summary>
internal interface IObserved
{
    int Shape { get; }
}
