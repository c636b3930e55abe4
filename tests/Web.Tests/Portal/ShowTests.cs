using SaaS.Web.Portal;
using SaaS.Web.Portal.Audit;
using Xunit;

namespace SaaS.Web.Tests.Portal;

public sealed class ShowTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1536, "1.5 KB")]
    [InlineData(10L << 30, "10 GB")]
    [InlineData(1023L << 20, "1 GB")]
    public void Bytes_read_well(long bytes, string text) => Assert.Equal(text, Show.Bytes(bytes));

    [Fact]
    public void Times_read_well()
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal("just now", Show.Ago(now.AddSeconds(-3), now));
        Assert.Equal("12 min ago", Show.Ago(now.AddMinutes(-12), now));
        Assert.Equal("in 5 min", Show.Ago(now.AddMinutes(5), now));
        Assert.Equal("1 Jan 2026", Show.Ago(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), now));
    }

    [Theory]
    [InlineData("domain.verify", "Domain verified")]
    [InlineData("queue.frobnicate", "Queue frobnicate")]
    public void Audit_actions_are_sentences(string action, string words) => Assert.Equal(words, AuditText.Words(action));

    [Theory]
    [InlineData("0.5", 536870912L)]
    [InlineData("2,5", 2684354560L)]
    public void Gigabytes_are_read(string text, long bytes)
    {
        Assert.True(QuotaInput.TryRead(text, out var read));
        Assert.Equal(bytes, read);
    }
}
