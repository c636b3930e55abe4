using System.Security.Cryptography;
using System.Text;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>vacation.</summary>
/// <remarks>RFC 5230; :seconds RFC 6131; :fcc RFC 8580. To whom no response goes: RFC 5230 §4.5 and §4.6, RFC 3834 §2.</remarks>
internal static class Vacations
{
    /// <summary>:fcc and what belongs to it.</summary>
    public static readonly TagSpec[] FccTags =
    [
        new("fcc", TagValue.Text, "fcc"), BaseCommands.Flags, BaseCommands.Create, BaseCommands.MailboxId, BaseCommands.SpecialUse,
    ];

    private static readonly string[] NoResponseTo =
        ["mailer-daemon", "listserv", "majordomo", "noreply", "no-reply", "donotreply", "do-not-reply", "bounce", "bounces", "postmaster", "nobody"];

    public static SieveStep Vacation(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(
            compiler, command,
            [
                new("days", TagValue.Number), new("seconds", TagValue.Number, "vacation-seconds"), new("subject", TagValue.Text),
                new("from", TagValue.Text), new("addresses", TagValue.Texts), new("mime"), new("handle", TagValue.Text), .. FccTags,
            ]);
        var interval = arguments.OneOf("days", "seconds") switch
        {
            "days" => TimeSpan.FromDays(Math.Min(arguments.TagNumber("days")!.Value, 10_000)),
            "seconds" => TimeSpan.FromSeconds(Math.Min(arguments.TagNumber("seconds")!.Value, 1_000_000_000)),
            _ => compiler.Limits.DefaultVacation,
        };
        var seconds = arguments.Has("seconds");
        var subject = arguments.TagText("subject");
        var from = arguments.TagText("from");
        var addresses = arguments.TagTexts("addresses") ?? [];
        var handle = arguments.TagText("handle");
        var mime = arguments.Has("mime");
        var fcc = Fcc(arguments);
        var reason = arguments.Text("the reason");
        arguments.End();
        if (from?.Constant is { } constant && Redirects.Parse(constant) is null)
        {
            throw arguments.Wrong(from.Line, $"\"{constant}\" is not an address");
        }

        return m =>
        {
            var text = reason.Get(m);
            var sender = from?.Get(m);
            var action = new SieveAction.Vacation
            {
                Reason = text,
                Mime = mime,
                Subject = subject?.Get(m),
                From = sender,
                Handle = handle is null ? Digest(text, subject?.Get(m), sender, mime) : "h:" + handle.Get(m),

                // Seconds may go below the site's shortest time for days (RFC 6131 §2).
                Interval = Clamp(interval, seconds ? TimeSpan.Zero : m.Limits.MinVacation, m.Limits.MaxMemory),
                Fcc = fcc(m),
            };
            if (MayAnswer(m, [.. addresses.Select(a => a.Get(m))]))
            {
                m.Add(action);
            }
        };
    }

    public static Func<SieveMachine, SieveFcc?> Fcc(SieveArguments arguments)
    {
        if (arguments.TagText("fcc") is not { } mailbox)
        {
            return arguments.OneOf("flags", "create", "mailboxid", "specialuse") is { } alone
                ? throw arguments.Wrong($"':{alone}' needs ':fcc'")
                : static _ => null;
        }

        var target = BaseCommands.Target(arguments, mailbox);
        var flags = arguments.TagTexts("flags");
        return m => new SieveFcc(target(m), ImapFlags.Read(m, flags ?? []));
    }

    /// <summary>Whether this message may be answered by a machine at all.</summary>
    public static bool MayAnswer(SieveMachine machine, IReadOnlyList<string> moreAddresses)
    {
        var context = machine.Context;
        if (context.ReversePath is not { } sender || MustNotAnswer(machine))
        {
            return false;
        }

        // Only where the message was sent to its owner by name: what came through a list or a blind copy is not answered.
        string[] own = [.. context.OwnAddresses, .. moreAddresses];
        if (own.Contains(sender.ToString(), StringComparer.OrdinalIgnoreCase))
        {
            return false;
        }

        var envelope = context.Parsed.Envelope;
        var named = (envelope.To ?? []).Concat(envelope.Cc ?? []).Concat(envelope.Bcc ?? []).Select(a => a.Email);
        var resent = machine.Content.Fields.Where(f => f.Is("Resent-To") || f.Is("Resent-Cc") || f.Is("Resent-Bcc")).Select(f => f.Plain).ToList();
        return named.Any(e => e is not null && own.Any(o => Same(o, e)))
            || resent.Exists(r => own.Any(o => r.Contains(o, StringComparison.OrdinalIgnoreCase)));
    }

    private static bool MustNotAnswer(SieveMachine machine)
    {
        var local = machine.Context.ReversePath!.LocalKey;
        if (NoResponseTo.Contains(local) || local.StartsWith("owner-", StringComparison.Ordinal) || local.EndsWith("-request", StringComparison.Ordinal)
            || local.EndsWith("-owner", StringComparison.Ordinal) || local.EndsWith("-bounces", StringComparison.Ordinal)
            || local.Contains("-bounces+", StringComparison.Ordinal))
        {
            return true;
        }

        foreach (var field in machine.Content.Fields)
        {
            if (field.Name.StartsWith("List-", StringComparison.OrdinalIgnoreCase)
                || (field.Is("Auto-Submitted") && !field.Plain.Split(';', ' ')[0].Equals("no", StringComparison.OrdinalIgnoreCase))
                || (field.Is("Precedence") && field.Plain.ToLowerInvariant() is "bulk" or "list" or "junk")
                || field.Is("X-Auto-Response-Suppress") && field.Plain.Split(',', StringSplitOptions.TrimEntries)
                    .Any(v => v.Equals("All", StringComparison.OrdinalIgnoreCase) || v.Equals("OOF", StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return machine.Context.SpamPercent >= 100;
    }

    // user+detail is the same person.
    private static bool Same(string own, string named)
    {
        if (own.Equals(named, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var (plus, at) = (named.IndexOf('+', StringComparison.Ordinal), named.LastIndexOf('@'));
        return plus > 0 && at > plus && own.Equals(named[..plus] + named[at..], StringComparison.OrdinalIgnoreCase);
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan min, TimeSpan max) => value < min ? min : value > max ? max : value;

    public static string Digest(string reason, string? subject, string? from, bool mime) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{mime}\n{subject}\n{from}\n{reason}")))[..32];
}
