using System.Text;
using SaaS.Domain.Common;

namespace SaaS.Fuzz.Targets;

/// <summary>Addresses and host names: what is taken reads the same again once it is written.</summary>
internal sealed class AddressTarget : Target
{
    public override string Name => "address";

    public override IEnumerable<byte[]> Seeds() =>
        new[]
        {
            "alice@example.test", "\"a b\"@example.test", "a.b+c@xn--bcher-kva.example", "bücher@bücher.example", "x@[192.0.2.1]", "x@[IPv6:2001:db8::1]",
            "postmaster", "@", "a@b@c", "\"\\\"\"@x.test", ".a@x.test", "a..b@x.test", "a@-x.test", "a@x..test", "a@ⓔxample.test", "用户@例え.jp",
        }.Select(Encoding.UTF8.GetBytes);

    public override Task RunAsync(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (MailAddress.TryParse(text, out var address))
        {
            var written = address.ToString();
            Promise.That(MailAddress.TryParse(written, out var again) && again.ToString() == written, $"\"{written}\" does not read as it was written");
            Promise.That(!written.AsSpan().ContainsAny('\r', '\n', '\0'), "a line end in an address");
        }

        if (DomainName.TryNormalize(text, out var name))
        {
            Promise.That(DomainName.TryNormalize(name, out var same) && same == name, $"\"{name}\" is not its own normal form");
            _ = DomainName.ToUnicode(name);
        }

        _ = DomainName.TryParseLiteral(text, out _);
        return Task.CompletedTask;
    }
}
