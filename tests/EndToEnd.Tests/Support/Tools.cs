using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace SaaS.EndToEnd.Tests.Support;

/// <summary>Programs, ports and waiting.</summary>
internal static class Tools
{
    public static string Root { get; } = FindRoot();

    /// <summary>Skips the test where the program is not installed; ./test installs all of them.</summary>
    public static string Need(string program)
    {
        foreach (var folder in new[] { "/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin" })
        {
            if (File.Exists(Path.Combine(folder, program)))
            {
                return Path.Combine(folder, program);
            }
        }

        Assert.Skip($"{program} is not installed.");
        throw new InvalidOperationException();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>
    /// A block of 600 for --port-base that is this test run's alone, so that two checkouts can be tested on one machine. The lock goes with the process.
    /// </summary>
    public static int PortBase => Block.Base;

    private static readonly (int Base, FileStream Lock) Block = ClaimPorts();

    private static (int Base, FileStream Lock) ClaimPorts()
    {
        for (var start = 7000; ; start += 600)
        {
            try
            {
                var path = Path.Combine(Path.GetTempPath(), $"postyard-e2e-ports-{start}.lock");
                return (start, new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None));
            }
            catch (IOException) when (start < 30000)
            {
                // Another run's.
            }
        }
    }

    /// <summary>Runs to the end; output and errors together.</summary>
    public static async Task<(int Code, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken ct, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var errors = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Asks again until the answer is there, or fails with what it was about.</summary>
    public static async Task<T> EventuallyAsync<T>(string what, TimeSpan within, Func<Task<T?>> ask)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await ask() is { } answer)
            {
                return answer;
            }

            if (clock.Elapsed > within)
            {
                Assert.Fail($"{what}: not within {within.TotalSeconds:0.#} s.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SaaS.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not inside the repository.");
        }

        return folder;
    }
}
