using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using SaaS.Domain.Sieve.Scripts;
using SaaS.MailHost.Net;
using SaaS.MailHost.Tests.Imap;
using Xunit;

namespace SaaS.MailHost.Tests.Net;

/// <summary>
/// What strangers and insiders do to the ports that mail is read and filtered at. Behind each, memory is where it was and others are served.
/// </summary>
public sealed class HostileClientTests(HostileClientTests.Server server) : IClassFixture<HostileClientTests.Server>
{
    private const long Allowed = 32 << 20;
    private const string PlainResponse = "AHUxQGV4YW1wbGUudGVzdABzZWNyZXQ=";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Protocols => ["imap", "pop3", "sieve"];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Random_octets(string protocol)
    {
        await Parallel.ForAsync(0, 20, Ct, async (n, ct) =>
        {
            using var client = await OpenAsync(protocol);
            var junk = new byte[64 * 1024];
            new Random(n).NextBytes(junk);
            await SendUntilCutAsync(client, junk, 1);
            Shut(client);
            await ReadToEndAsync(client);
        });
        await ExpectServiceAsync(protocol);
    }

    /// <summary>Octet by octet, for ever: cut when the time to sign in has passed, however busy it looks.</summary>
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Clients_that_send_an_octet_now_and_then(string protocol)
    {
        await using var mail = await Server.StartAsync(30, ("Imap:LoginTimeout", "00:00:02"), ("Pop3:LoginTimeout", "00:00:02"), ("Sieve:LoginTimeout", "00:00:02"));
        var cut = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            using var client = await OpenAsync(protocol, mail.Port(protocol));
            var said = ReadToEndAsync(client);
            while (!said.IsCompleted && await SendUntilCutAsync(client, "x"u8.ToArray(), 1) == 1)
            {
                await Task.WhenAny(said, Task.Delay(100, Ct));
            }

            return await said;
        }));
        Assert.All(cut, said => Assert.Matches("(^|\n)(\\* BYE|-ERR|BYE) ?.*\r\n$", said));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_line_without_end_before_sign_in(string protocol)
    {
        var before = Memory();
        using var client = await OpenAsync(protocol);
        Assert.InRange(await SendUntilCutAsync(client, Filled(64 * 1024), 16 * 1024), 0, 200);
        Assert.InRange(Memory() - before, long.MinValue, Allowed);
        await ExpectServiceAsync(protocol);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Lines_of_sixty_four_kilobytes_after_sign_in(string protocol)
    {
        using var client = await SignInAsync(protocol);
        var said = ReadToEndAsync(client);
        await SendUntilCutAsync(client, Encoding.ASCII.GetBytes("a NOOP " + new string('x', 65_536) + "\r\n"), 1);
        Assert.Matches("(\\* BYE|-ERR|BYE) ?.*\r\n$", await said);
        await ExpectServiceAsync(protocol);
    }

    /// <summary>Each answer is many times the question. Who does not read them gets no further; their memory is not ours.</summary>
    [Theory]
    [InlineData("imap", "a FETCH 1:* BODY.PEEK[]\r\n", "a OK ")]
    [InlineData("imap", "a FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE)\r\n", "a OK ")]
    [InlineData("imap", "a LIST \"\" *\r\n", "a OK ")]
    [InlineData("pop3", "RETR 1\r\n", "+OK ")]
    [InlineData("pop3", "UIDL\r\n", "+OK ")]
    [InlineData("pop3", "CAPA\r\n", "+OK ")]
    [InlineData("sieve", "GETSCRIPT \"big\"\r\n", "OK")]
    [InlineData("sieve", "CAPABILITY\r\n", "OK")]
    public async Task Answers_that_nobody_reads(string protocol, string command, string answer)
    {
        const int Count = 40_000;
        using var client = await SignInAsync(protocol);
        var before = Memory();
        var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(command, 100)));
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < Count / 100; sent++)
            {
                if (await SendUntilCutAsync(client, block, 1) == 0)
                {
                    return;
                }
            }
        }, Ct);
        for (var last = -1; last != sent;)
        {
            last = sent;
            await Task.Delay(500, Ct);
        }

        Assert.InRange(sent, 0, Count / 100);
        Assert.InRange(Memory() - before, long.MinValue, Allowed);
        await ExpectServiceAsync(protocol);

        // It is still served, as soon as it reads.
        var first = new byte[64 * 1024];
        var said = new StringBuilder();
        while (!said.ToString().Contains("\r\n" + answer, StringComparison.Ordinal) && !said.ToString().StartsWith(answer, StringComparison.Ordinal))
        {
            said.Append(Encoding.Latin1.GetString(first, 0, await client.GetStream().ReadAsync(first, Ct)));
            Assert.InRange(said.Length, 1, 16 << 20);
        }

        client.LingerState = new LingerOption(true, 0);
        client.Close();
        await sending;
    }

    [Fact]
    public async Task Clients_that_never_read_are_cut_in_time()
    {
        await using var mail = await Server.StartAsync(40, ("Imap:WriteTimeout", "00:00:01"), ("Pop3:WriteTimeout", "00:00:01"), ("Sieve:WriteTimeout", "00:00:01"));
        await Task.WhenAll(new[] { ("imap", "a FETCH 1:* BODY[]\r\n"), ("pop3", "RETR 1\r\n"), ("sieve", "GETSCRIPT \"big\"\r\n") }.Select(async c =>
        {
            var (protocol, command) = c;
            using var client = await SignInAsync(protocol, mail.Port(protocol));

            // Sending ends with an error once the other side is gone; until then the server takes no more.
            var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(command, 1000)));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            limit.CancelAfter(TimeSpan.FromSeconds(60));
            await Assert.ThrowsAsync<IOException>(async () =>
            {
                while (true)
                {
                    await client.GetStream().WriteAsync(block, limit.Token);
                }
            });
        }));
    }

    [Theory]
    [InlineData("a SEARCH {0}\r\n", "(")]
    [InlineData("a SEARCH {0}ALL\r\n", "NOT ")]
    [InlineData("a SEARCH {0}ALL\r\n", "OR ALL ")]
    [InlineData("a FETCH 1 {0}\r\n", "(")]
    [InlineData("a LIST {0}\r\n", "(")]
    [InlineData("a NOTIFY SET {0}\r\n", "(")]
    [InlineData("a STORE 1 FLAGS {0}\r\n", "(")]
    [InlineData("a ID {0}\r\n", "(")]
    [InlineData("a FETCH 1 BODY[{0}TEXT]\r\n", "1.")]
    public async Task Thousands_of_parentheses(string command, string part)
    {
        using var client = await SignInAsync("imap");
        var said = ReadToEndAsync(client);
        var line = command.Replace("{0}", string.Concat(Enumerable.Repeat(part, 60_000 / part.Length)), StringComparison.Ordinal);
        await SendUntilCutAsync(client, Encoding.ASCII.GetBytes(line + "b NOOP\r\nc LOGOUT\r\n"), 1);
        var answers = await said;
        Assert.Matches("(?m)^a (BAD|NO|OK) ", answers);
        Assert.Contains("b OK ", answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thousand_literals_in_one_command()
    {
        using var client = await SignInAsync("imap");
        var said = ReadToEndAsync(client);
        var terms = string.Concat(Enumerable.Repeat("OR SUBJECT {1+}\r\nx ", 1000));
        await SendUntilCutAsync(client, Encoding.ASCII.GetBytes($"a SEARCH {terms}ALL\r\nb NOOP\r\nc LOGOUT\r\n"), 1);
        var answers = await said;
        Assert.Matches("(?m)^a (BAD|NO|OK) ", answers);
        Assert.Contains("b OK ", answers, StringComparison.Ordinal);
        await ExpectServiceAsync("imap");
    }

    [Theory]
    [InlineData("imap", "a LOGIN {999999999}\r\n", "a BAD [TOOBIG]")]
    [InlineData("imap", "a LOGIN {999999999+}\r\n", "* BYE ")]
    [InlineData("imap", "a LOGIN {9223372036854775807+}\r\n", "* BYE ")]
    [InlineData("imap", "a LOGIN {99999999999999999999999+}\r\n", "a BAD ")]
    [InlineData("imap", "a APPEND INBOX {999999999+}\r\n", "* BYE ")]
    [InlineData("sieve", "AUTHENTICATE \"PLAIN\" {999999999+}\r\n", "BYE ")]
    [InlineData("sieve", "PUTSCRIPT \"x\" {4294967295+}\r\n", "BYE ")]
    [InlineData("sieve", "PUTSCRIPT \"x\" {99999999999999999999+}\r\n", "BYE ")]
    public async Task Literals_of_impossible_sizes_before_sign_in(string protocol, string command, string answer)
    {
        var before = Memory();
        using var client = await OpenAsync(protocol);
        var said = ReadToEndAsync(client);
        await SendUntilCutAsync(client, Encoding.ASCII.GetBytes(command), 1);
        await SendUntilCutAsync(client, Filled(64 * 1024), 500);
        Shut(client);
        Assert.Contains("\r\n" + answer, "\r\n" + await said, StringComparison.Ordinal);
        Assert.InRange(Memory() - before, long.MinValue, Allowed);
    }

    /// <summary>A message that is announced, and the client gone in the middle: neither stored nor left in the spool.</summary>
    [Fact]
    public async Task Clients_that_vanish_in_the_middle_of_an_append()
    {
        var before = await server.CountAsync();
        await Parallel.ForAsync(0, 60, Ct, async (n, ct) =>
        {
            var client = await SignInAsync("imap");
            await SendUntilCutAsync(client, Encoding.ASCII.GetBytes("a APPEND INBOX {20000000+}\r\nSubject: x\r\n\r\n"), 1);
            await SendUntilCutAsync(client, Filled(64 * 1024), n % 40);
            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
        });
        await ExpectServiceAsync("imap");
        Assert.Equal(before, await server.CountAsync());
        await Relay.RelayFixture.UntilAsync(() => Directory.GetFiles(server.Spool).Length == 0);
    }

    [Theory]
    [InlineData("imap", "a STARTTLS\r\nb LOGIN u1@example.test secret\r\nc SELECT INBOX\r\n", "a OK", "b ")]
    [InlineData("pop3", "STLS\r\nUSER u1@example.test\r\nPASS secret\r\n", "-ERR Nothing may follow", "+OK")]
    [InlineData("sieve", "STARTTLS\r\nAUTHENTICATE \"PLAIN\" \"" + PlainResponse + "\"\r\nLISTSCRIPTS\r\n", "BYE", "\"big\"")]
    public async Task Commands_injected_behind_starttls(string protocol, string commands, string answer, string never)
    {
        using var client = await OpenAsync(protocol);
        await SendUntilCutAsync(client, Encoding.ASCII.GetBytes(commands), 1);
        var said = await ReadToEndAsync(client);
        Assert.Contains("\r\n" + answer, "\r\n" + said, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\r\n" + never, said, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Floods_of_nonsense_before_sign_in(string protocol)
    {
        using var client = await OpenAsync(protocol);
        var said = ReadToEndAsync(client);
        await SendUntilCutAsync(client, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("FROB\r\n", 10_000))), 10);
        Assert.InRange((await said).Count(c => c == '\n'), 5, 30);
        await ExpectServiceAsync(protocol);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Two_thousand_connections_at_once(string protocol)
    {
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 2000; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, server.Port(protocol), Ct);
                clients.Add(client);
            }

            await ExpectServiceAsync(protocol);
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        await ExpectServiceAsync(protocol);
    }

    private static long Memory() => GC.GetTotalMemory(forceFullCollection: true);

    private static byte[] Filled(int size)
    {
        var block = new byte[size];
        Array.Fill(block, (byte)'x');
        return block;
    }

    private async Task<TcpClient> OpenAsync(string protocol, int? port = null)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port ?? server.Port(protocol), Ct);
        await UntilAsync(client, protocol == "imap" ? "* OK " : protocol == "pop3" ? "+OK " : "OK");
        return client;
    }

    private async Task<TcpClient> SignInAsync(string protocol, int? port = null)
    {
        var client = await OpenAsync(protocol, port);
        foreach (var (command, answer) in protocol switch
        {
            "imap" => new[] { ("z1 LOGIN u1@example.test secret", "z1 OK"), ("z2 SELECT INBOX", "z2 OK") },
            "pop3" => [("USER u1@example.test", "+OK"), ("PASS secret", "+OK")],
            _ => [($"AUTHENTICATE \"PLAIN\" \"{PlainResponse}\"", "OK")],
        })
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), Ct);
            await UntilAsync(client, answer);
        }

        return client;
    }

    /// <summary>Reads lines until one begins so.</summary>
    private static async Task UntilAsync(TcpClient client, string answer)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await client.GetStream().ReadAsync(one, Ct) > 0)
        {
            line.Append((char)one[0]);
            if (one[0] == '\n')
            {
                if (line.ToString().StartsWith(answer, StringComparison.Ordinal))
                {
                    return;
                }

                line.Clear();
            }
        }

        Assert.Fail($"Closed before {answer}; last: {line}");
    }

    private async Task ExpectServiceAsync(string protocol)
    {
        using var client = await SignInAsync(protocol);
    }

    private static void Shut(TcpClient client)
    {
        try
        {
            client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has closed.
        }
    }

    /// <summary>How many blocks went before the server closed.</summary>
    private static async Task<int> SendUntilCutAsync(TcpClient client, byte[] block, int count)
    {
        var sent = 0;
        try
        {
            for (; sent < count; sent++)
            {
                await client.GetStream().WriteAsync(block, Ct);
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
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
            for (int n; (n = await client.GetStream().ReadAsync(buffer, Ct)) > 0;)
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

    /// <summary>IMAP, POP3 and ManageSieve on ports, a mailbox with a hundred messages of 64 KB and a script of 60 KB.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private const int FirstPort = 33600;
        private int _offset;

        internal ImapHost Mail { get; private set; } = null!;

        internal string Spool => Mail.Host.Services.GetRequiredService<IOptions<DataOptions>>().Value.SpoolPath;

        internal int Port(string protocol) => FirstPort + _offset + (protocol switch { "imap" => 0, "pop3" => 1, _ => 2 });

        internal async Task<long> CountAsync()
        {
            await using var command = Mail.Host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT count(*) FROM message");
            return (long)(await command.ExecuteScalarAsync())!;
        }

        internal static async Task<Server> StartAsync(int offset, params (string Key, string Value)[] settings)
        {
            var server = new Server { _offset = offset };
            await server.BeginAsync(settings);
            return server;
        }

        public async ValueTask InitializeAsync() => await BeginAsync();

        private async Task BeginAsync(params (string Key, string Value)[] settings)
        {
            var ports = new[] { "Imap:Port", "Pop3:Port", "Sieve:Port", "Imap:TlsPort", "Pop3:TlsPort", "Http:Port" }
                .Select((name, i) => (name, (FirstPort + _offset + i).ToString(CultureInfo.InvariantCulture)));
            Mail = await ImapHost.CreateAsync(manualClock: false, [.. ports, .. settings]);
            var body = string.Concat(Enumerable.Repeat(new string('y', 70) + "\r\n", 900));
            for (var n = 0; n < 100; n++)
            {
                await Mail.DeliverAsync($"From: a@example.org\r\nSubject: Message {n}\r\n\r\n{body}");
            }

            var script = "keep;" + string.Concat(Enumerable.Repeat("\r\n# " + new string('z', 900), 60));
            Assert.True((await Mail.Host.Services.GetRequiredService<SieveScriptService>().PutAsync(Mail.Account, "big", script, CancellationToken.None)).Ok);
            await Mail.Host.StartAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Mail.Host.StopAsync();
            await Mail.DisposeAsync();
        }
    }
}
