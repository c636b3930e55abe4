using Bunit;
using SaaS.Client.Http;
using SaaS.Client.Moves;
using SaaS.Web.Admin.Moves;
using SaaS.Web.Tests.Portal;
using Xunit;

namespace SaaS.Web.Tests.Admin.Moves;

public sealed class MovePagesTests : PortalContext
{
    private static MoveView Move(MoveState state, int differences = 0, string? error = null) => new(
        9, 7, 1, "ada@acme.example", null, "imap.old.example", 993, SourceTls.Implicit, "<b>ada</b>", null, false, true, false, true, state, false, error, 2, 1,
        2000, 4_000_000, 500, 500, 1_000_000, 1, 0, differences, 0, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null, null);

    [Fact]
    public void A_move_shows_each_folder_and_what_differs_as_text()
    {
        On("GET /v1/moves/9/differences", new PageOf<MoveDifferenceView>([new(1, "INBOX", MoveDifferenceKind.Skipped, 17, "<1@x>", "It stays at the source: <i>odd</i>.")], null));
        On("GET /v1/moves/9", new MoveDetail(Move(MoveState.Done, differences: 1),
            [new MoveFolderView("INBOX.<u>Größe</u>", "Größe", MoveFolderState.Done, 2000, 4_000_000, 500, 500, 1_000_000, 1, 3, 2, 500, null)]));
        var page = RenderAs<MoveDetailPage>("tenant_admin", p => p.Add(c => c.Id, 9));
        page.WaitForAssertion(() => Assert.Contains("&lt;i&gt;odd", page.Markup, StringComparison.Ordinal));
        Assert.Contains("500 of 2,000", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Done, with differences", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("td i, td u, p b"));
        Assert.Contains(page.FindAll(".p-actions button"), b => b.TextContent.Contains("Run again", StringComparison.Ordinal));
    }

    [Fact]
    public void What_runs_can_be_stopped()
    {
        On("GET /v1/moves/9", new MoveDetail(Move(MoveState.Running), []));
        On("POST /v1/moves/9/cancel", Move(MoveState.Running) with { Cancelling = true });
        var page = RenderAs<MoveDetailPage>("tenant_admin", p => p.Add(c => c.Id, 9));
        page.WaitForElement(".p-actions button");
        page.FindAll(".p-actions button").Single(b => b.TextContent.Contains("Stop", StringComparison.Ordinal)).Click();
        page.WaitForAssertion(() => Assert.Contains("Stopping", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_says_line_by_line_what_is_wrong()
    {
        var (rows, problem) = MoveRow.Read("user;password;target\nada;x;ada@acme.example\nbob;;bob@acme.example\ncy;z;\ndan;z;ada@acme.example\n", null, 100);
        Assert.Null(problem);
        Assert.Equal([null, "The password is missing.", "Which account? The target is missing.", "The account stands in the file twice."], rows.Select(r => r.Problem));
        Assert.Null(MoveRow.Read("user\nada@acme.example\n", "master", 100).Rows[0].Problem);
        Assert.NotNull(MoveRow.Read("name\nada\n", null, 100).Problem);
    }
}
