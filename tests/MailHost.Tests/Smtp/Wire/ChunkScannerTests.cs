using System.Text;
using SaaS.MailHost.Smtp.Wire;
using Xunit;

namespace SaaS.MailHost.Tests.Smtp.Wire;

public sealed class ChunkScannerTests
{
    [Theory]
    [InlineData("", "None")]
    [InlineData("a\r\nb\r\n", "None")]
    [InlineData("a", "None")]
    [InlineData("a\nb", "BareLineFeed")]
    [InlineData("a\rb", "BareCarriageReturn")]
    [InlineData("a\r", "BareCarriageReturn")]
    [InlineData("a\r\r\n", "BareCarriageReturn")]
    [InlineData("\0", "Nul")]
    public void Tells_text_from_binary_at_every_split(string text, string fault)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var split = 0; split <= bytes.Length; split++)
        {
            var scanner = new ChunkScanner();
            scanner.Scan(bytes.AsSpan(0, split));
            scanner.Scan(bytes.AsSpan(split));
            scanner.End();
            Assert.Equal(fault, scanner.Fault.ToString());
        }
    }
}
