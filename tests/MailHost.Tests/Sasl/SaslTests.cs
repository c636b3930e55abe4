using System.Text;
using SaaS.MailHost.Sasl;
using Xunit;

namespace SaaS.MailHost.Tests.Sasl;

public sealed class SaslTests
{
    [Theory]
    [InlineData("\0tim\0tanstaaftanstaaf", "tim")]
    [InlineData("tim\0tim\0x", "tim")]
    [InlineData("Ursel\0Kurt\0xipj3plmq", null)]
    [InlineData("tim\0x", null)]
    [InlineData("\0\0x", null)]
    [InlineData("\0tim\0", null)]
    [InlineData("", null)]
    [InlineData("\0a\0b\0c", null)]
    public void Plain_reads_login_and_password(string message, string? login)
    {
        var step = new PlainMechanism().Start().Next(Encoding.UTF8.GetBytes(message));
        Assert.Equal(login, (step as SaslStep.Password)?.Login);
        Assert.Equal(login is null, step is SaslStep.Malformed);
    }

    [Fact]
    public void Login_asks_twice()
    {
        var exchange = new LoginMechanism().Start();
        Assert.Equal("Username:", Assert.IsType<SaslStep.Challenge>(exchange.Next(null)).Text);
        Assert.Equal("Password:", Assert.IsType<SaslStep.Challenge>(exchange.Next("tim"u8.ToArray())).Text);
        var password = Assert.IsType<SaslStep.Password>(exchange.Next("x"u8.ToArray()));
        Assert.Equal(("tim", "x"), (password.Login, password.Secret));
    }
}
