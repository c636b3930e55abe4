using SaaS.Web.Portal;
using Xunit;

namespace SaaS.Web.Tests.Portal;

public sealed class AddressListTests
{
    [Theory]
    [InlineData("a@b.example\nc@d.example", "a@b.example c@d.example")]
    [InlineData("Ada Lovelace <ada@b.example>; \"Hopper, Grace\" <grace@b.example>,", "ada@b.example grace@b.example")]
    [InlineData("Ada\tada@b.example\r\nGrace\tgrace@b.example", "ada@b.example grace@b.example")]
    [InlineData("a@b.example A@B.example", "a@b.example")]
    [InlineData("no address, @none, none@", "")]
    public void Finds_the_addresses_in_what_people_paste(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', AddressList.Read(text)));
}
