using SaaS.Domain.Common;
using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>notify by mail, valid_notify_method and notify_method_capability.</summary>
/// <remarks>RFC 5435; mailto RFC 5436, RFC 6068.</remarks>
internal static class Notifications
{
    private const int MaxRecipients = 3;

    // Fields that a URI may not set: they are ours, or would make this a relay.
    private static readonly HashSet<string> Ignored = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "Sender", "Bcc", "Auto-Submitted", "Received", "Message-ID", "Date", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Bcc",
    };

    public static SieveStep Notify(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(
            compiler, command,
            [
                new("from", TagValue.Text), new("importance", TagValue.Text), new("options", TagValue.Texts), new("message", TagValue.Text),
                .. Vacations.FccTags,
            ]);
        var from = arguments.TagText("from");
        var importance = arguments.TagText("importance");
        var message = arguments.TagText("message");
        var fcc = Vacations.Fcc(arguments);
        var method = arguments.Text("the method");
        arguments.End();
        if (importance is { Constant: not (null or "1" or "2" or "3") })
        {
            throw arguments.Wrong(importance.Line, "':importance' is \"1\", \"2\" or \"3\"");
        }

        if (method.Constant is { } constant && Parse(constant) is null)
        {
            throw arguments.Wrong(method.Line, $"\"{constant}\" is not a mailto: URI with 1 to {MaxRecipients} addresses");
        }

        if (from?.Constant is { } sender && Redirects.Parse(sender) is null)
        {
            throw arguments.Wrong(from.Line, $"\"{sender}\" is not an address");
        }

        return m =>
        {
            if (Parse(method.Get(m)) is not { } target)
            {
                throw new SieveRunException("notify: not a mailto: URI");
            }

            // A notification about a notification would go on for ever (RFC 5436 §2.7.1).
            if (m.Content.Fields.Any(f => f.Is("Auto-Submitted") && f.Plain.StartsWith("auto-notified", StringComparison.OrdinalIgnoreCase)))
            {
                return;
            }

            var subject = m.Content.Fields.FirstOrDefault(f => f.Is("Subject"))?.Text;
            var own = m.Content.Fields.FirstOrDefault(f => f.Is("From"))?.Text;
            m.Add(new SieveAction.Notify
            {
                To = target.To,
                From = from?.Get(m),
                Subject = message?.Get(m) ?? target.Subject ?? $"New mail from {own}: {subject}",
                Body = target.Body ?? $"From: {own}\r\nSubject: {subject}\r\n",
                Importance = importance?.Get(m) switch { "1" => 1, "3" => 3, _ => 2 },
                Fcc = fcc(m),
            });
        };
    }

    public static SieveCondition ValidMethod(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test);
        var uris = arguments.Texts("the list of methods");
        arguments.End();
        return m => Array.TrueForAll(uris, u => Parse(u.Get(m)) is not null);
    }

    public static SieveCondition MethodCapability(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, Match.Tags);
        var match = Match.Read(compiler, arguments);
        var uri = arguments.Text("the method");
        var capability = arguments.Text("the capability");
        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();

        // Whether somebody is at the other end of a mail address is not known (RFC 5436 §2.2).
        return m => Parse(uri.Get(m)) is not null && capability.Get(m).Equals("online", StringComparison.OrdinalIgnoreCase)
            && match.Any(m, ["maybe"], keys);
    }

    private sealed record Mailto(IReadOnlyList<MailAddress> To, string? Subject, string? Body);

    private static Mailto? Parse(string uri)
    {
        if (!uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || uri.Length > 2000)
        {
            return null;
        }

        var question = uri.IndexOf('?', StringComparison.Ordinal);
        var to = new List<string> { question < 0 ? uri[7..] : uri[7..question] };
        string? subject = null, body = null;
        foreach (var field in question < 0 ? [] : uri[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                return null;
            }

            var name = Uri.UnescapeDataString(field[..equals]);
            var value = field[(equals + 1)..];
            switch (name.ToLowerInvariant())
            {
                case "to" or "cc":
                    to.Add(value);
                    break;
                case "subject":
                    subject = Uri.UnescapeDataString(value);
                    break;
                case "body":
                    body = Uri.UnescapeDataString(value);
                    break;
                case var other when !HeaderFields.IsName(other) || Ignored.Contains(other):
                    break;
                default:
                    break;
            }
        }

        var addresses = new List<MailAddress>();
        foreach (var text in to.SelectMany(t => t.Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (!MailAddress.TryParse(Uri.UnescapeDataString(text), out var address))
            {
                return null;
            }

            addresses.Add(address);
        }

        return addresses.Count is 0 or > MaxRecipients ? null : new Mailto(addresses, subject, body);
    }
}
