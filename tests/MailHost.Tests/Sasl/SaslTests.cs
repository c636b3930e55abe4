using System.Text;
using SaaS.MailHost.Sasl;
using Xunit;

namespace SaaS.MailHost.Tests.Sasl;

public sealed class SaslTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\0tim\0tanstaaftanstaaf", "tim")]
    [InlineData("tim\0tim\0x", "tim")]
    [InlineData("Ursel\0Kurt\0xipj3plmq", null)]
    [InlineData("tim\0x", null)]
    [InlineData("\0\0x", null)]
    [InlineData("\0tim\0", null)]
    [InlineData("", null)]
    [InlineData("\0a\0b\0c", null)]
    public async Task Plain_reads_login_and_password(string message, string? login)
    {
        var step = await new PlainMechanism().Start(null!).NextAsync(Encoding.UTF8.GetBytes(message), Ct);
        Assert.Equal(login, (step as SaslStep.Password)?.Login);
        Assert.Equal(login is null, step is SaslStep.Malformed);
    }

    [Fact]
    public async Task Login_asks_twice()
    {
        var exchange = new LoginMechanism().Start(null!);
        Assert.Equal("Username:"u8.ToArray(), Assert.IsType<SaslStep.Challenge>(await exchange.NextAsync(null, Ct)).Data);
        Assert.Equal("Password:"u8.ToArray(), Assert.IsType<SaslStep.Challenge>(await exchange.NextAsync("tim"u8.ToArray(), Ct)).Data);
        var password = Assert.IsType<SaslStep.Password>(await exchange.NextAsync("x"u8.ToArray(), Ct));
        Assert.Equal(("tim", "x"), (password.Login, password.Secret));
    }
}
