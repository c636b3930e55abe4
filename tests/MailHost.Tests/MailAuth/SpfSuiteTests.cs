using System.Globalization;
using System.Net;
using SaaS.Domain.Dns;
using SaaS.MailHost.MailAuth;
using SaaS.MailHost.MailAuth.Spf;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace SaaS.MailHost.Tests.MailAuth;

/// <summary>The published test suite of RFC 7208, every case.</summary>
public sealed class SpfSuiteTests
{
    [Fact]
    public async Task Every_case_has_a_result_that_the_suite_allows()
    {
        var path = Environment.GetEnvironmentVariable("SUITES") is { Length: > 0 } suites ? Path.Combine(suites, "spf", "rfc7208-tests.yml") : "";
        Assert.SkipUnless(File.Exists(path), "SUITES is not set.");
        using var reader = new StreamReader(path);
        var yaml = new YamlStream();
        yaml.Load(reader);
        var (count, wrong) = (0, new List<string>());
        foreach (var document in yaml.Documents)
        {
            var root = (YamlMappingNode)document.RootNode;
            var dns = Zone((YamlMappingNode)root["zonedata"]);
            foreach (var (name, node) in (YamlMappingNode)root["tests"])
            {
                count++;
                var test = (YamlMappingNode)node;
                var result = await new SpfChecker(new DnsBudget(dns, TimeProvider.System), TimeProvider.System, "receiver.example")
                    .CheckAsync(IPAddress.Parse(Text(test, "host")!), Text(test, "helo") ?? "", Text(test, "mailfrom"), TestContext.Current.CancellationToken);
                var allowed = test["result"] is YamlSequenceNode several ? several.Select(n => n.ToString()) : [test["result"].ToString()];
                if (!allowed.Contains(result.Result.Word()))
                {
                    wrong.Add($"{name}: {result} instead of {string.Join('/', allowed)}");
                }
                else if (Text(test, "explanation") is { } explanation && (result.Explanation ?? "DEFAULT") != explanation)
                {
                    wrong.Add($"{name}: explanation {result.Explanation ?? "DEFAULT"} instead of {explanation}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(count > 190, $"only {count} cases");
    }

    private static string? Text(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? value.ToString() : null;

    private static ZoneDns Zone(YamlMappingNode zone)
    {
        var dns = new ZoneDns();
        foreach (var (key, records) in zone)
        {
            var name = key.ToString().ToLowerInvariant();
            // SPF records stand for TXT, unless the name has TXT of its own.
            var own = ((YamlSequenceNode)records).OfType<YamlMappingNode>().Any(r => r.Children.ContainsKey("TXT"));
            foreach (var record in (YamlSequenceNode)records)
            {
                if (record is not YamlMappingNode mapping)
                {
                    dns.Dead.Add((name, "*"));
                    continue;
                }

                foreach (var (type, value) in mapping)
                {
                    switch (type.ToString())
                    {
                        case var t when value is YamlScalarNode { Value: "TIMEOUT" }:
                            dns.Dead.Add((name, t == "SPF" && !own ? "TXT" : t));
                            break;
                        case "SPF" when !own:
                        case "TXT" when value.ToString() != "NONE":
                            dns.Txt(name, value is YamlSequenceNode parts ? string.Concat(parts.Select(p => p.ToString())) : value.ToString());
                            break;
                        case "MX":
                            dns.Add(name, "MX", new MxRecord(int.Parse(value[0].ToString(), CultureInfo.InvariantCulture), value[1].ToString()));
                            break;
                        case "A" or "AAAA":
                            dns.Add(name, type.ToString(), IPAddress.Parse(value.ToString()));
                            break;
                        case "PTR":
                            dns.Add(name, "PTR", value.ToString());
                            break;
                        case "CNAME":
                            dns.Add(name, "CNAME", value.ToString());
                            break;
                    }
                }
            }
        }

        return dns;
    }
}
