using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using SaaS.Domain.Dns;
using SaaS.Domain.Messages;
using SaaS.MailHost.MailAuth;
using SaaS.MailHost.MailAuth.Arc;
using SaaS.MailHost.MailAuth.Dkim;
using SaaS.MailHost.MailAuth.Dmarc;
using SaaS.MailHost.MailAuth.Spf;

namespace SaaS.MailHost;

/// <summary>The operator's question: what would mx say of this message? Needs DNS and no database.</summary>
internal static class CheckMessageCommand
{
    public const string Name = "check-message";

    private const string Usage = """
        usage: MailHost check-message FILE --ip ADDRESS [--helo NAME] [--mail-from ADDRESS] [--dns HOST:PORT] [--receiver NAME] [--json]
               MailHost check-message --spf-only --ip ADDRESS [--helo NAME] [--mail-from ADDRESS] [--dns HOST:PORT] [--receiver NAME] [--json]
        """;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Exit code 0 whatever the results are, 2 where the usage is wrong or the file cannot be read.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken ct)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        string? file = null;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json" or "--spf-only":
                    values[args[i]] = "";
                    break;
                case "--ip" or "--helo" or "--mail-from" or "--dns" or "--receiver" when i + 1 < args.Length:
                    values[args[i]] = args[++i];
                    break;
                case var name when file is null && (name == "-" || !name.StartsWith('-')):
                    file = name;
                    break;
                default:
                    return await WrongAsync(error, $"{args[i]} is not understood");
            }
        }

        var spfOnly = values.ContainsKey("--spf-only");
        if (!IPAddress.TryParse(values.GetValueOrDefault("--ip"), out var address))
        {
            return await WrongAsync(error, "--ip needs an address");
        }

        if (file is null != spfOnly)
        {
            return await WrongAsync(error, spfOnly ? "--spf-only takes no file" : "the file is missing");
        }

        var server = values.GetValueOrDefault("--dns") ?? "";
        if (server.Length > 0 && !IPEndPoint.TryParse(server.Replace("localhost", "127.0.0.1", StringComparison.OrdinalIgnoreCase), out _))
        {
            return await WrongAsync(error, "--dns needs the address and port of a name server");
        }

        // One question after another to a server that was chosen by hand: there is nothing to protect.
        var dns = new DnsResolver(
            new DnsOptions { Server = server, Timeout = TimeSpan.FromSeconds(1), BreakFor = TimeSpan.Zero }, TimeProvider.System);
        var helo = values.GetValueOrDefault("--helo") ?? "";
        var sender = values.GetValueOrDefault("--mail-from")?.Trim('<', '>');
        var receiver = values.GetValueOrDefault("--receiver") ?? "unknown";
        JsonObject answer;
        if (spfOnly)
        {
            var checker = new SpfChecker(new DnsBudget(dns, TimeProvider.System), TimeProvider.System, receiver);
            answer = new JsonObject { ["spf"] = Spf(await checker.CheckAsync(address, helo, sender, ct)) };
        }
        else
        {
            MessageBytes message;
            try
            {
                message = await ReadAsync(file!, ct);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return await WrongAsync(error, e.Message);
            }

            using (message)
            {
                var result = await MessageAuthentication.CheckAsync(
                    message, dns, receiver, address, helo, string.IsNullOrEmpty(sender) ? null : sender, TimeProvider.System, ct);
                answer = All(result, receiver, helo, sender);
            }
        }

        await output.WriteLineAsync(values.ContainsKey("--json") ? answer.ToJsonString(Json) : Text(answer));
        return 0;
    }

    private static JsonObject All(MessageAuthentication a, string receiver, string helo, string? sender) => new()
    {
        ["iprev"] = new JsonObject { ["result"] = a.Iprev.Result.Word(), ["address"] = a.Iprev.Address.ToString(), ["name"] = a.Iprev.Name },
        ["spf"] = Spf(a.Spf),
        ["dkim"] = new JsonArray([.. a.Dkim.Select(Dkim)]),
        ["arc"] = Arc(a.Arc),
        ["dmarc"] = Dmarc(a.Dmarc),
        ["bimi"] = a.Bimi is { } b ? new JsonObject { ["domain"] = b.Domain, ["location"] = b.Location, ["authority"] = b.Authority } : null,
        ["authenticationResults"] = AuthenticationResults.Value(a, receiver, helo, sender).Replace("\r\n\t", " ", StringComparison.Ordinal),
    };

    private static JsonObject Spf(SpfResult s) => new()
    {
        ["result"] = s.Result.Word(),
        ["identity"] = s.Identity,
        ["domain"] = s.Domain,
        ["mechanism"] = s.Mechanism,
        ["explanation"] = s.Explanation,
        ["reason"] = s.Reason,
    };

    private static JsonNode Dkim(DkimResult d) => new JsonObject
    {
        ["result"] = d.Result.Word(),
        ["domain"] = d.Domain,
        ["selector"] = d.Selector,
        ["identity"] = d.Identity,
        ["algorithm"] = d.Algorithm,
        ["keyBits"] = d.Bits,
        ["testing"] = d.Testing,
        ["partial"] = d.Partial,
        ["reason"] = d.Reason,
    };

    private static JsonObject Arc(ArcResult a) => new()
    {
        ["result"] = a.Result.Word(),
        ["instances"] = a.Instances,
        ["sealers"] = new JsonArray([.. a.Sealers.Select(s => JsonValue.Create(s))]),
        ["oldestPass"] = a.OldestPass,
        ["reason"] = a.Reason,
    };

    private static JsonObject Dmarc(DmarcResult d) => new()
    {
        ["result"] = d.Result.Word(),
        ["domain"] = d.Domain,
        ["policyDomain"] = d.PolicyDomain,
        ["policy"] = d.Policy?.Word(),
        ["disposition"] = d.Disposition.Word(),
        ["spfAligned"] = d.SpfAligned,
        ["dkimAligned"] = d.DkimAligned,
        ["reason"] = d.Reason,
    };

    private static string Text(JsonObject answer)
    {
        var lines = new List<string>();
        foreach (var (name, node) in answer)
        {
            foreach (var one in node is JsonArray array ? (array.Count == 0 ? [new JsonObject { ["result"] = "none" }] : [.. array]) : (JsonNode?[])[node])
            {
                lines.Add(one is JsonObject o
                    ? $"{name}: {string.Join(", ", o.Where(p => p.Value is not null).Select(p => p.Key == "result" ? $"{p.Value}" : $"{p.Key}={p.Value}"))}"
                    : $"{name}: {one}");
            }
        }

        return string.Join(Environment.NewLine, lines);
    }

    /// <summary>With CRLF line ends, whatever the file has.</summary>
    private static async Task<MessageBytes> ReadAsync(string file, CancellationToken ct)
    {
        await using var stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
        var message = new MessageBytes();
        var block = new byte[64 * 1024];
        var output = new List<byte>(128 * 1024);
        var previous = (byte)0;
        for (int n; (n = await stream.ReadAsync(block, ct)) > 0;)
        {
            output.Clear();
            for (var i = 0; i < n; i++)
            {
                if (block[i] == '\n' && previous != '\r')
                {
                    output.Add((byte)'\r');
                }

                output.Add(previous = block[i]);
            }

            message.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(output));
        }

        return message;
    }

    private static async Task<int> WrongAsync(TextWriter error, string what)
    {
        await error.WriteLineAsync($"check-message: {what}");
        await error.WriteLineAsync(Usage);
        return 2;
    }
}
