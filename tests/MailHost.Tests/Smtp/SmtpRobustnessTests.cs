using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SaaS.MailHost.Net;
using Xunit;

namespace SaaS.MailHost.Tests.Smtp;

/// <summary>What strangers do to a listening mx port. Behind each, mail still gets in, the spool is empty and memory is where it was.</summary>
public sealed class SmtpRobustnessTests(SmtpRobustnessTests.Host host) : IClassFixture<SmtpRobustnessTests.Host>
{
    private const int Mx = 22225;
    private const string Envelope = "EHLO c.test\r\nMAIL FROM:<a@remote.test>\r\nRCPT TO:<alice@example.test>\r\n";

    [Fact]
    public async Task Random_octets()
    {
        await Parallel.ForAsync(0, 40, TestContext.Current.CancellationToken, async (n, ct) =>
        {
            using var client = await OpenAsync();
            var junk = new byte[64 * 1024];
            new Random(n).NextBytes(junk);
            await SendUntilCutAsync(client, junk, 1);
            try
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The server has closed.
            }

            await ReadToEndAsync(client);
        });
        await ExpectServiceAsync();
    }

    [Fact]
    public async Task A_command_line_of_a_gigabyte()
    {
        using var client = await OpenAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await SendUntilCutAsync(client, Filled(1 << 20), 1024);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 << 20);
        await client.GetStream().WriteAsync("\r\nQUIT\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var said = await ReadToEndAsync(client);
        Assert.Contains("500 5.5.6 Line too long.\r\n221 ", said, StringComparison.Ordinal);
        await ExpectServiceAsync();
    }

    [Theory]
    [InlineData("DATA\r\n")]
    [InlineData("DATA\r\nSubject: x\r\n\r\n")]
    public async Task A_message_line_of_a_gigabyte(string start)
    {
        using var client = await OpenAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Envelope + start), TestContext.Current.CancellationToken);
        var sent = await SendUntilCutAsync(client, Filled(1 << 20), 1024);
        Assert.InRange(sent, 50, 300);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 << 20);
        await ExpectServiceAsync();
    }

    /// <summary>Memory for a connection is the same whatever the message's size: what is long lies on disk while it comes.</summary>
    [Theory]
    [InlineData("DATA\r\n", "\r\n.\r\n")]
    [InlineData("BDAT 41943077 LAST\r\n", "")]
    public async Task Messages_of_forty_megabytes_at_once(string start, string end)
    {
        const int Clients = 8;
        const int Blocks = 40;
        const string Header = "Subject: large\r\nX-Pad: 0123456789\r\n\r\n";
        var block = new byte[1 << 20];
        Array.Fill(block, (byte)'x');
        for (var i = 510; i < block.Length; i += 512)
        {
            "\r\n"u8.CopyTo(block.AsSpan(i));
        }

        await ExpectServiceAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clients = new List<TcpClient>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await OpenAsync());
        }

        await Task.WhenAll(clients.Select(async client =>
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Envelope + start + Header));
            for (var i = 0; i < Blocks - 1; i++)
            {
                await client.GetStream().WriteAsync(block);
            }
        }));
        await Relay.RelayFixture.UntilAsync(() =>
            System.IO.Directory.GetFiles(host.Spool).Sum(f => new FileInfo(f).Length) > Clients * (Blocks - 2L) * block.Length);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, Clients * (4 << 20));
        await Task.WhenAll(clients.Select(async client =>
        {
            await client.GetStream().WriteAsync(block);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(end + "QUIT\r\n"));
            Assert.Contains("\r\n250 2.0.0 Accepted", await ReadToEndAsync(client), StringComparison.Ordinal);
            client.Dispose();
        }));
        Assert.Empty(System.IO.Directory.GetFiles(host.Spool));
    }

    [Theory]
    [InlineData(Envelope + "BDAT 9223372036854775807 LAST\r\n", "552 5.3.4 ")]
    [InlineData("EHLO c.test\r\nBDAT 9223372036854775807 LAST\r\n", "552 5.3.4 ")]
    [InlineData(Envelope + "BDAT 99999999999999999999 LAST\r\n", "521 5.5.4 ")]
    [InlineData(Envelope + "BDAT -1 LAST\r\n", "521 5.5.4 ")]
    public async Task BDAT_of_an_impossible_size(string commands, string reply)
    {
        using var client = await OpenAsync();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(commands), TestContext.Current.CancellationToken);
        Assert.Contains("\r\n" + reply, await ReadToEndAsync(client), StringComparison.Ordinal);
        await ExpectServiceAsync();
    }

    [Fact]
    public async Task Commands_whose_replies_nobody_reads()
    {
        const int Count = 200_000;
        using var client = await OpenAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var stream = client.GetStream();
        var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("EHLO c.test\r\n", 1000)));
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < Count / 1000; sent++)
            {
                await stream.WriteAsync(block);
            }

            await stream.WriteAsync("QUIT\r\n"u8.ToArray());
        }, TestContext.Current.CancellationToken);

        // Its replies are twenty times what it was sent: they must not pile up here.
        for (var last = -1; last != sent;)
        {
            last = sent;
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 << 20);
        var said = await CountAsync(client, "250 STARTTLS\r\n");
        await sending;
        Assert.Equal(Count, said);
        await ExpectServiceAsync();
    }

    [Fact]
    public async Task Ten_thousand_recipients()
    {
        using var client = await OpenAsync();
        var commands = Encoding.ASCII.GetBytes(
            "EHLO c.test\r\nMAIL FROM:<a@remote.test>\r\n" + string.Concat(Enumerable.Repeat("RCPT TO:<alice@example.test>\r\n", 10_000)) + "QUIT\r\n");
        var reading = ReadToEndAsync(client);
        await client.GetStream().WriteAsync(commands, TestContext.Current.CancellationToken);
        var said = await reading;
        Assert.Equal(100, said.Split("250 2.1.5 ").Length - 1);
        Assert.Equal(9900, said.Split("452 4.5.3 ").Length - 1);
        await ExpectServiceAsync();
    }

    [Fact]
    public async Task Ten_thousand_header_fields()
    {
        var header = string.Concat(Enumerable.Range(0, 10_000).Select(n => $"X-{n}: value\r\n"));
        Assert.StartsWith("250 2.0.0 ", await DeliverAsync(header + "Subject: x\r\n\r\nbody\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_parts_inside_one_another()
    {
        var message = new StringBuilder("MIME-Version: 1.0\r\n");
        for (var i = 0; i < 10_000; i++)
        {
            message.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        }

        Assert.StartsWith("250 2.0.0 ", await DeliverAsync(message + "\r\nend\r\n"), StringComparison.Ordinal);
        var nested = string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 10_000));
        Assert.StartsWith("250 2.0.0 ", await DeliverAsync("MIME-Version: 1.0\r\n" + nested + "Subject: x\r\n\r\nend\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_vanish_in_the_middle_of_a_message()
    {
        var before = await host.CountAsync();
        await Parallel.ForAsync(0, 200, TestContext.Current.CancellationToken, async (n, ct) =>
        {
            var client = await OpenAsync();
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Envelope + "DATA\r\n"), ct);
            for (var i = 0; i < n % 5; i++)
            {
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 900) + "\r\n", 200))), ct);
            }

            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
        });
        await ExpectServiceAsync();
        Assert.Equal(before + 1, await host.CountAsync());
        await Relay.RelayFixture.UntilAsync(() => System.IO.Directory.GetFiles(host.Spool).Length == 0);
    }

    [Fact]
    public async Task Five_thousand_connections_at_once()
    {
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 5000; i++)
            {
                clients.Add(await OpenAsync());
            }

            await ExpectServiceAsync();
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        await ExpectServiceAsync();
    }

    private static byte[] Filled(int size)
    {
        var block = new byte[size];
        Array.Fill(block, (byte)'x');
        return block;
    }

    private static async Task<TcpClient> OpenAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Mx, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>How many blocks went before the server closed.</summary>
    private static async Task<int> SendUntilCutAsync(TcpClient client, byte[] block, int count)
    {
        var sent = 0;
        try
        {
            for (; sent < count; sent++)
            {
                await client.GetStream().WriteAsync(block, TestContext.Current.CancellationToken);
            }
        }
        catch (IOException)
        {
            // The server has closed.
        }

        return sent;
    }

    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        var said = new StringBuilder();
        var buffer = new byte[64 * 1024];
        try
        {
            for (int n; (n = await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0;)
            {
                said.Append(Encoding.Latin1.GetString(buffer, 0, n));
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // Reset: what was read counts.
        }

        return said.ToString();
    }

    private static async Task<int> CountAsync(TcpClient client, string text)
    {
        var count = 0;
        var rest = "";
        var buffer = new byte[64 * 1024];
        for (int n; (n = await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0;)
        {
            rest += Encoding.Latin1.GetString(buffer, 0, n);
            for (int at; (at = rest.IndexOf(text, StringComparison.Ordinal)) >= 0;)
            {
                count++;
                rest = rest[(at + text.Length)..];
            }
        }

        return count;
    }

    private static async Task<string> DeliverAsync(string message)
    {
        using var client = await OpenAsync();
        var reading = ReadToEndAsync(client);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{Envelope}DATA\r\n{message}.\r\nQUIT\r\n"), TestContext.Current.CancellationToken);
        var said = await reading;
        return said[(said.IndexOf("354 ", StringComparison.Ordinal) is >= 0 and var at ? said.IndexOf("\r\n", at, StringComparison.Ordinal) + 2 : 0)..];
    }

    private static async Task ExpectServiceAsync() =>
        Assert.StartsWith("250 2.0.0 ", await DeliverAsync("Subject: still here\r\n\r\nyes\r\n"), StringComparison.Ordinal);

    public sealed class Host : IAsyncLifetime
    {
        private TestHost _host = null!;
        private TestDirectory _directory = null!;

        internal string Spool => _host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<DataOptions>>().Value.SpoolPath;

        internal Task<long> CountAsync() => _directory.ScalarAsync<long>("SELECT count(*) FROM message");

        public async ValueTask InitializeAsync()
        {
            _host = await TestHost.CreateAsync(
                false, ("Roles", "mx"), ("Smtp:Mx:Port", Mx.ToString(CultureInfo.InvariantCulture)), ("Http:Port", "22226"));
            _directory = new TestDirectory(_host.Services.GetRequiredService<NpgsqlDataSource>());
            await _directory.CreateTenantAsync();
            await _directory.AddAccountAsync("alice");
            await _host.StartAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _host.StopAsync();
            await _host.DisposeAsync();
        }
    }
}
