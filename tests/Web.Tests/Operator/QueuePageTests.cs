using Bunit;
using SaaS.Client.Http;
using SaaS.Client.Queue;
using SaaS.Web.Operator.Queue;
using SaaS.Web.Tests.Portal;
using Xunit;

namespace SaaS.Web.Tests.Operator;

public sealed class QueuePageTests : PortalContext
{
    private static QueueMessageView Message(QueueState state) => new(
        9, 7, "Acme", "ada@acme.example", "<script>alert(1)</script>", "<1@acme.example>", 4711, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch,
        [new(1, "bob@slow.example", "slow.example", state, 3, DateTimeOffset.UnixEpoch, "451 4.7.1 <b>Greylisted</b>", "mx.slow.example", DateTimeOffset.UnixEpoch)]);

    [Fact]
    public void Filters_on_the_server_and_shows_what_remotes_said_as_text()
    {
        On("GET /v1/queue/destinations", new PageOf<QueueDestinationView>([new("slow.example", 1, 0, 0, DateTimeOffset.UnixEpoch, null)], null));
        On("GET /v1/queue?", new PageOf<QueueMessageView>([Message(QueueState.Waiting)], null));
        var page = RenderAs<QueuePage>("operator");
        page.WaitForAssertion(() => Assert.Contains("451 4.7.1 &lt;b&gt;Greylisted&lt;/b&gt;", page.Markup));
        Assert.Empty(page.FindAll("script, td b"));

        page.FindAll(".p-chip").Single(c => c.TextContent == "Held").Click();
        page.WaitForAssertion(() => Assert.Contains("GET /v1/queue?limit=50&state=held", Asked));
    }

    [Fact]
    public void A_message_can_be_held_and_then_offers_release()
    {
        On("GET /v1/queue/9", Message(QueueState.Waiting));
        On("POST /v1/queue/9/hold", Message(QueueState.Held));
        var page = RenderAs<QueueMessagePage>("operator", p => p.Add(c => c.Id, 9));
        page.WaitForElement(".p-actions button");
        page.FindAll(".p-actions button").Single(b => b.TextContent.Contains("Hold", StringComparison.Ordinal)).Click();
        page.WaitForAssertion(() => Assert.Contains(page.FindAll(".p-actions button"), b => b.TextContent.Contains("Release", StringComparison.Ordinal)));
    }
}
