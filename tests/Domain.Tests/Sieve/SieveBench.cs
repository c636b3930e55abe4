using System.Text;
using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Sieve;
using Xunit;

namespace SaaS.Domain.Tests.Sieve;

/// <summary>Runs a script over a message and tells in short what came of it.</summary>
internal static class SieveBench
{
    public const string Plain = """
        Received: from a by b; Tue, 22 Sep 2026 10:11:12 +0200
        From: "Ada L." <ada+work@example.org>
        To: You <you@example.test>, Team <team@example.test>
        Subject: [build] Frop is =?utf-8?q?gr=C3=BCn?=
        Date: Tue, 22 Sep 2026 08:09:10 -0400
        Message-ID: <m1@example.org>
        X-Empty:

        Hello there,
        this is the body with 42 words.

        """;

    public static readonly SieveMailbox[] Mailboxes =
    [
        new(new MailboxId(1), "INBOX", SpecialUse.Inbox), new(new MailboxId(2), "Junk", SpecialUse.Junk), new(new MailboxId(3), "Work", SpecialUse.None),
    ];

    public static string Problem(string script)
    {
        var (compiled, problem) = SieveScript.Compile(script, new SieveLimits());
        Assert.Null(compiled);
        return problem!.ToString();
    }

    public static string Run(
        string script, string message = Plain, string? from = "ada@example.org", Func<SieveContext, SieveContext>? change = null, SieveLimits? limits = null,
        params (string Name, string Script)[] others)
    {
        var result = Execute(script, message, from, change, limits, others);
        return result.Error is { } error ? $"error: {error}" : string.Join("; ", result.Actions.Select(Tell).DefaultIfEmpty("discard"));
    }

    public static SieveResult Execute(
        string script, string message = Plain, string? from = "ada@example.org", Func<SieveContext, SieveContext>? change = null, SieveLimits? limits = null,
        params (string Name, string Script)[] others)
    {
        limits ??= new SieveLimits();
        var (compiled, problem) = SieveScript.Compile(script, limits);
        Assert.Null(problem);
        var bytes = MessageBytes.From(Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n")));
        var context = new SieveContext
        {
            Message = bytes,
            Parsed = MessageParser.Parse(bytes),
            ReversePath = from is null ? null : MailAddress.Parse(from),
            Recipient = MailAddress.Parse("you+list@example.test"),
            OwnAddresses = ["you@example.test"],
            Now = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero),
            Mailboxes = Mailboxes,
            Scripts = others.ToDictionary(o => o.Name, o => SieveScript.Compile(o.Script, limits).Script),
        };
        context = change?.Invoke(context) ?? context;
        while (true)
        {
            var (result, missing) = SieveRunner.Run(compiled, null, context, limits);
            if (result is not null)
            {
                return result;
            }

            context = context with { Facts = new Dictionary<SieveFact, string?>(context.Facts) { [missing!] = null } };
        }
    }

    /// <summary>The message of the first copy, as it would be stored.</summary>
    public static string Stored(SieveResult result)
    {
        using var bytes = result.Actions.OfType<SieveAction.Store>().First().Content.Render(forSending: false);
        using var reader = new StreamReader(bytes.OpenRead());
        return reader.ReadToEnd();
    }

    public static string Tell(SieveAction action) => action switch
    {
        SieveAction.Store s => (s.Target switch
        {
            { Id: { } id } => $"fileinto #{id}",
            { Use: not SpecialUse.None and var use } => $"fileinto \\{use}",
            { Name: { } name } => $"fileinto {name}",
            _ => "keep",
        }) + (s.Target.Create ? " create" : "") + (s.Flags.Count > 0 ? $" ({string.Join(' ', s.Flags)})" : "") + (s.Content.IsOriginal ? "" : " edited"),
        SieveAction.Redirect r => $"redirect {r.Address}",
        SieveAction.Reject r => $"reject {r.Reason.Trim()}",
        SieveAction.Vacation v => $"vacation {v.Interval.TotalDays:0.##}d {v.Reason.Trim()}",
        SieveAction.Notify n => $"notify {string.Join(',', n.To)} {n.Subject}",
        SieveAction.Remember => "remember",
        _ => "?",
    };
}
