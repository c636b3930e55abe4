using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using SaaS.Web.Auth;
using SaaS.Web.Theme;
using Xunit;

namespace SaaS.Web.Tests.Auth;

public sealed class SessionFilesTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("web-sessions").FullName;

    [Fact]
    public async Task A_session_outlives_the_process_and_is_unreadable_on_disk()
    {
        var folder = new SessionFolder(_path);
        var key = await Make(folder).StoreAsync(Ticket());
        var again = await Make(folder).RetrieveAsync(key);
        Assert.Equal("secret-token", again!.Properties.GetTokenValue("access_token"));
        Assert.Equal(key, SessionTokens.SessionOf(again.Principal));
        var file = Assert.Single(Directory.GetFiles(folder.Sessions));
        Assert.DoesNotContain("secret-token", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        Assert.DoesNotContain(key, file, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_or_unknown_session_is_none()
    {
        var folder = new SessionFolder(_path);
        var sessions = Make(folder);
        var key = await sessions.StoreAsync(Ticket());
        await sessions.RemoveAsync(key);
        Assert.Null(await sessions.RetrieveAsync(key));
        Assert.Null(await sessions.RetrieveAsync("../../etc/passwd"));
    }

    [Theory]
    [InlineData("/mail/inbox", "/mail/inbox")]
    [InlineData("https://evil.test/", "/")]
    [InlineData("//evil.test/", "/")]
    [InlineData("/\\evil.test/", "/")]
    [InlineData(null, "/")]
    [InlineData("/\t/evil.test", "/")]
    public void Sign_in_returns_to_this_host_only(string? asked, string gets) => Assert.Equal(gets, AuthEndpoints.Local(asked));

    [Theory]
    [InlineData("#ffff00")]
    [InlineData("#ffffff")]
    [InlineData("#000000")]
    [InlineData("#2f5bd7")]
    public void Any_brand_colour_becomes_readable(string brand)
    {
        var colour = Colour.Parse(brand)!.Value;
        Assert.True(colour.ReadableOn(Colour.White).Contrast(Colour.White) >= 4.5);
        Assert.True(colour.ReadableOn(Colour.Night).Contrast(Colour.Night) >= 4.5);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private static SessionFiles Make(SessionFolder folder) =>
        new(folder, DataProtectionProvider.Create(new DirectoryInfo(folder.Keys)));

    private static AuthenticationTicket Ticket()
    {
        var properties = new AuthenticationProperties();
        properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = "secret-token" }]);
        return new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "1")], "test")), properties, "Cookies");
    }
}
