using SaaS.Web.Webmail.Settings;
using Xunit;

namespace SaaS.Web.Tests.Webmail.Settings;

public sealed class FilterScriptTests
{
    [Fact]
    public void Rules_come_back_as_they_were_written()
    {
        List<FilterRule> rules =
        [
            new()
            {
                Name = "Builds\r\nstop; discard;", All = false, Star = true, MarkRead = true, MoveTo = "Work/Builds", ForwardTo = "me@elsewhere.test", Stop = false,
                Conditions = [new() { Field = "subject", Value = "\"]; discard; #" }, new() { Field = "from", Test = "is", Value = "ci@example.test" }, new() { Field = "body", Test = "not", Value = "\\" }],
            },
            new() { Name = "Off", Enabled = false, Delete = true, Conditions = [new() { Value = "spam" }] },
        ];
        var script = FilterScript.Write(rules);
        var read = FilterScript.Read(script)!;
        Assert.Equal(script, FilterScript.Write(read));
        Assert.Equal("Builds\r\nstop; discard;", read[0].Name);
        Assert.Contains("header :contains \"subject\" \"\\\"]; discard; #\"", script, StringComparison.Ordinal);
        Assert.DoesNotContain(script.Split("\r\n"), line => line.StartsWith("stop;", StringComparison.Ordinal));
        Assert.Equal(
            "When subject contains “\"]; discard; #” or from is “ci@example.test” or text does not contain “\\”: move it to Work/Builds, star it, mark it as read, forward a copy to me@elsewhere.test.",
            read[0].Summary());
    }

    [Fact]
    public void A_script_that_was_changed_by_hand_is_not_made_of_rules()
    {
        var script = FilterScript.Write([new FilterRule { Name = "x", Conditions = [new() { Value = "y" }] }]);
        Assert.NotNull(FilterScript.Read(script));
        Assert.Null(FilterScript.Read(script + "keep;\r\n"));
        Assert.Null(FilterScript.Read("keep;"));
        Assert.Null(FilterScript.Read(script.Replace("# rule {", "# rule {{", StringComparison.Ordinal)));
        Assert.Empty(FilterScript.Read(FilterScript.Write([]))!);
    }
}
