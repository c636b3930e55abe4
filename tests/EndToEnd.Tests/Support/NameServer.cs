using System.Diagnostics;

namespace SaaS.EndToEnd.Tests.Support;

/// <summary>dnsmasq on a high port: remote.test has an MX on this machine, everything else does not exist.</summary>
internal sealed class NameServer : IDisposable
{
    private readonly Process _process;

    private NameServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<NameServer?> TryStartAsync()
    {
        if (!File.Exists("/usr/sbin/dnsmasq"))
        {
            return null;
        }

        var port = Tools.FreePort();
        string[] arguments =
        [
            "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--listen-address=127.0.0.1", "--bind-interfaces",
            $"--port={port}", "--pid-file=", "--local=/test/", "--mx-host=remote.test,mx.remote.test,10", "--address=/mx.remote.test/127.0.0.1",
            "--txt-record=remote.test,v=spf1 ip4:127.0.0.1 -all",
        ];
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/dnsmasq", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        return process.HasExited ? null : new NameServer(process, port);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
