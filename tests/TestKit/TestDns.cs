using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SaaS.TestKit;

/// <summary>Debian's dnsmasq on a loopback port, authoritative for .test.</summary>
public sealed class TestDns : IAsyncDisposable
{
    private readonly Process _process;

    private TestDns(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public string Server => $"127.0.0.1:{Port}";

    /// <param name="port">Where it listens.</param>
    /// <param name="records">dnsmasq options without their dashes: "mx-host=a.test,mx.a.test,10", "host-record=mx.a.test,127.0.0.2".</param>
    public static async Task<TestDns> StartAsync(int port, params string[] records)
    {
        string[] arguments =
        [
            "--keep-in-foreground", $"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv", "--no-hosts", "--no-daemon",
            "--conf-file=/dev/null", "--pid-file=", "--local=/test/", "--local-ttl=60", .. records.Select(r => "--" + r),
        ];
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/dnsmasq", arguments) { RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        for (var i = 0; i < 200; i++)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return new TestDns(process, port);
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(25);
            }
        }

        throw new InvalidOperationException("dnsmasq does not start.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
