using System.Net;
using SaaS.Web.Webmail.Reading;
using Xunit;

namespace SaaS.Web.Tests.Webmail.Reading;

public sealed class RemoteImagesTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.20.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("192.0.0.170")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("ff02::1")]
    [InlineData("2001:db8::1")]
    public void Inner_addresses_are_not_public(string address) => Assert.False(RemoteImages.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("93.184.216.34")]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.0.1")]
    [InlineData("192.0.1.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450:4001::8a")]
    public void Addresses_of_the_internet_are(string address) => Assert.True(RemoteImages.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://127.0.0.1/x.png")]
    [InlineData("http://[::ffff:127.0.0.1]/x.png")]
    [InlineData("http://localhost/x.png")]
    [InlineData("http://2130706433/x.png")]
    [InlineData("http://0x7f000001/x.png")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://93.184.216.34:22/x.png")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://127.0.0.1/")]
    public async Task The_proxy_does_not_go_inside(string url)
    {
        using var images = new RemoteImages();
        Assert.Null(await images.FetchAsync(url, TestContext.Current.CancellationToken));
    }
}
