using System.Reflection;
using Xunit;

namespace SaaS.Architecture.Tests;

/// <summary>Which part may know which: the arrows of docs/architecture.md.</summary>
public sealed class DependencyTests
{
    private const string Mail = @"SaaS\.MailHost";
    private static readonly string[] Hosts = ["SaaS.MailHost", "SaaS.Api", "SaaS.Web"];

    private static readonly Assembly[] Product =
    [
        Assembly.Load("SaaS.Domain"), Assembly.Load("SaaS.Client"), Assembly.Load("SaaS.MailHost"), Assembly.Load("SaaS.Api"),
        Assembly.Load("SaaS.Web"), Assembly.Load("SaaS.Migrations"),
    ];

    private static readonly DependencyRule[] Rules =
    [
        // Projects.
        new(@"SaaS\.Domain(\..*)?",
            [.. Hosts, "SaaS.Client", "Hangfire", "MudBlazor", "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Mvc",
                "Microsoft.AspNetCore.Components", "Microsoft.AspNetCore.Server", "Microsoft.AspNetCore.Connections"]),
        new(@"SaaS\.Client(\..*)?", [.. Hosts, "SaaS.Domain", "Npgsql", "Microsoft.EntityFrameworkCore"]),
        new(@"SaaS\.Web(\..*)?", "SaaS.Domain", "SaaS.Api", "SaaS.MailHost", "Npgsql", "Microsoft.EntityFrameworkCore"),
        new(@"SaaS\.Api(\..*)?", "SaaS.MailHost", "SaaS.Web"),
        new($@"{Mail}(\..*)?", "SaaS.Api", "SaaS.Web", "SaaS.Client"),
        new(@"SaaS\.Migrations(\..*)?", Hosts),

        // The grammar is pure: bytes in, values out.
        new($@"{Mail}\..*Wire(\..*)?",
            "SaaS.Domain", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Logging", "Microsoft.AspNetCore", "Npgsql"),

        // Roles meet in the database and the seams of Domain/Delivery, not in each other.
        new($@"{Mail}\.Imap(\..*)?", "SaaS.MailHost.Smtp", "SaaS.MailHost.Mx", "SaaS.MailHost.Submission", "SaaS.MailHost.Relay",
            "SaaS.MailHost.Pop3", "SaaS.MailHost.ManageSieve", "SaaS.MailHost.Router"),
        new($@"{Mail}\.Pop3(\..*)?", "SaaS.MailHost.Smtp", "SaaS.MailHost.Mx", "SaaS.MailHost.Submission", "SaaS.MailHost.Relay",
            "SaaS.MailHost.Imap", "SaaS.MailHost.ManageSieve", "SaaS.MailHost.Router"),
        new($@"{Mail}\.Smtp(\..*)?", "SaaS.MailHost.Imap", "SaaS.MailHost.Pop3", "SaaS.MailHost.ManageSieve", "SaaS.MailHost.Mx",
            "SaaS.MailHost.Submission", "SaaS.MailHost.Relay"), // The router it may: every engine hands a message over there.
        new($@"{Mail}\.Mx(\..*)?", "SaaS.MailHost.Imap", "SaaS.MailHost.Pop3", "SaaS.MailHost.ManageSieve", "SaaS.MailHost.Submission",
            "SaaS.MailHost.Relay"),
        new($@"{Mail}\.Submission(\..*)?", "SaaS.MailHost.Imap", "SaaS.MailHost.Pop3", "SaaS.MailHost.ManageSieve", "SaaS.MailHost.Mx",
            "SaaS.MailHost.Relay"),
        new($@"{Mail}\.Relay(\..*)?", "SaaS.MailHost.Imap", "SaaS.MailHost.Pop3", "SaaS.MailHost.ManageSieve", "SaaS.MailHost.Mx",
            "SaaS.MailHost.Submission"),
        new($@"{Mail}\.AccessProxy(\..*)?", "SaaS.MailHost.Imap", "SaaS.MailHost.Pop3", "SaaS.MailHost.ManageSieve", "SaaS.MailHost.Smtp", "SaaS.MailHost.Mx",
            "SaaS.MailHost.Submission", "SaaS.MailHost.Relay", "SaaS.MailHost.Router"),
        new($@"{Mail}\.MailAuth(\..*)?", "Npgsql", "Microsoft.EntityFrameworkCore", "Microsoft.AspNetCore", "SaaS.MailHost.Smtp", "SaaS.MailHost.Imap",
            "SaaS.MailHost.Relay", "SaaS.MailHost.Mx"),
        new($@"{Mail}\.(?!Roles).*", "SaaS.MailHost.Roles"),
    ];

    public static TheoryData<string> RuleNames => [.. Rules.Select(r => r.ToString())];

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void Dependencies_point_the_way_the_picture_says(string rule) =>
        Assert.Empty(Rules.Single(r => r.ToString() == rule).Check(Product));

    /// <summary>The twin of every rule: the same kind of rule, over a class that breaks it, is red.</summary>
    [Fact]
    public void A_breach_is_found()
    {
        var rule = new DependencyRule(@"SaaS\.Architecture\.Tests\.Twins", "SaaS.Domain", "SaaS.MailHost.Roles");

        var breaches = rule.Check([typeof(DependencyTests).Assembly]);

        Assert.Equal(["SaaS.Architecture.Tests.Twins.UsesDomain uses SaaS.Domain"], breaches);
    }

    [Theory]
    [InlineData("Client", "")]
    [InlineData("Domain", "")]
    [InlineData("Migrations", "Domain")]
    [InlineData("MailHost", "Domain")]
    [InlineData("Api", "Client,Domain")]
    [InlineData("Web", "Client")]
    public void Projects_reference_only_these(string project, string allowed)
    {
        var text = Repository.Read($"{project}/{project}.csproj");

        Assert.Equal(allowed, string.Join(",", References(text).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_project_reference_is_found() =>
        Assert.Equal(["Domain"], References("""<ProjectReference Include="../Domain/Domain.csproj" />"""));

    private static IEnumerable<string> References(string project) =>
        System.Text.RegularExpressions.Regex.Matches(project, @"<ProjectReference Include=""[^""]*?(\w+)\.csproj""").Select(m => m.Groups[1].Value);
}
