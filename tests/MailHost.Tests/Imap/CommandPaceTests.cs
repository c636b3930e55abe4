using SaaS.MailHost.Imap;
using SaaS.TestKit;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

public sealed class CommandPaceTests
{
    [Fact]
    public void Ten_minutes_worth_may_come_at_once_and_what_is_faster_waits_its_turn()
    {
        var clock = new ManualClock();
        var pace = default(CommandPace);
        for (var n = 0; n < 600; n++)
        {
            Assert.Equal(TimeSpan.Zero, pace.Take(60, clock));
        }

        Assert.Equal(TimeSpan.FromSeconds(1), pace.Take(60, clock));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, pace.Take(60, clock));
        Assert.Equal(TimeSpan.Zero, pace.Take(0, clock));
    }
}
