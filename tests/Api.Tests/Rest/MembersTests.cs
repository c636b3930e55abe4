using System.Net;
using System.Net.Http.Json;
using SaaS.Api.Tests.OAuth;
using SaaS.Client.Accounts;
using SaaS.Client.Http;
using Xunit;

namespace SaaS.Api.Tests.Rest;

/// <summary>A shared mailbox and who belongs to it, as its tenant's admin sets it.</summary>
public sealed class MembersTests(OAuthFixture fixture) : IClassFixture<OAuthFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_are_added_changed_and_removed()
    {
        var estate = fixture.Estate;
        using var http = fixture.Host.With(await fixture.Host.SignInAsync(estate.AdminLogin, World.Password));
        var accounts = new AccountsClient(new ApiClient(http));
        var desk = await accounts.CreateAsync(new CreateAccount($"desk@{estate.DomainName}", "Desk", null, AccountType.Shared), Ct);
        Assert.Empty((await accounts.ListMembersAsync(desk.Id, Ct)).Items);
        await accounts.SetMemberAsync(desk.Id, estate.UserLogin, new SetMember([MemberRight.Read]), Ct);
        await accounts.SetMemberAsync(desk.Id, estate.UserLogin, new SetMember([MemberRight.Write, MemberRight.SendOnBehalf]), Ct);
        await accounts.SetMemberAsync(desk.Id, $"all@{estate.DomainName}", new SetMember([MemberRight.Full, MemberRight.SendAs]), Ct);
        var members = (await accounts.ListMembersAsync(desk.Id, Ct)).Items;
        Assert.Equal([$"all@{estate.DomainName}", estate.UserLogin], members.Select(m => m.Address));
        Assert.Equal(MemberType.Group, members[0].Type);
        Assert.Equal([MemberRight.Full, MemberRight.SendAs], members[0].Rights);
        Assert.Equal([MemberRight.Write, MemberRight.SendOnBehalf], members[1].Rights);
        await accounts.RemoveMemberAsync(desk.Id, estate.UserLogin, Ct);
        Assert.Equal([$"all@{estate.DomainName}"], (await accounts.ListMembersAsync(desk.Id, Ct)).Items.Select(m => m.Address));
    }

    [Fact]
    public async Task What_is_no_member_or_no_shared_mailbox_is_refused()
    {
        var estate = fixture.Estate;
        using var http = fixture.Host.With(await fixture.Host.SignInAsync(estate.AdminLogin, World.Password));
        var full = new SetMember([MemberRight.Full]);
        async Task<HttpStatusCode> PutAsync(long account, string address, SetMember body)
        {
            using var answer = await http.PutAsJsonAsync($"/v1/accounts/{account}/members/{Uri.EscapeDataString(address)}", body, ApiJson.Options, Ct);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.NotFound, await PutAsync(estate.SharedMailbox, $"nobody@{estate.DomainName}", full));
        Assert.Equal(HttpStatusCode.NotFound, await PutAsync(estate.SharedMailbox, "stranger@elsewhere.test", full));
        Assert.Equal(HttpStatusCode.NotFound, await PutAsync(estate.SharedMailbox, $"team@{estate.DomainName}", full));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PutAsync(estate.SharedMailbox, estate.UserLogin, new SetMember([])));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PutAsync(estate.Account, estate.UserLogin, full));
        using var gone = await http.DeleteAsync($"/v1/accounts/{estate.SharedMailbox}/members/{estate.AdminLogin}", Ct);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }
}
