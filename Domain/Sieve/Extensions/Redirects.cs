using SaaS.Domain.Common;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>redirect.</summary>
/// <remarks>RFC 5228 §4.2; :copy RFC 3894; redirect-dsn RFC 6009 §4; :list RFC 6134 §2.4.</remarks>
internal static class Redirects
{
    public static SieveStep Redirect(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(
            compiler, command, BaseCommands.Copy, new TagSpec("notify", TagValue.Text, "redirect-dsn"), new TagSpec("ret", TagValue.Text, "redirect-dsn"),
            new TagSpec("list", TagValue.None, "extlists"));
        var copy = arguments.Has("copy");
        var toList = arguments.Has("list");
        var notify = arguments.TagText("notify");
        var ret = arguments.TagText("ret");
        var address = arguments.Text("the address");
        arguments.End();
        if (!toList && address.Constant is { } constant && Parse(constant) is null)
        {
            throw arguments.Wrong(address.Line, $"\"{constant}\" is not an address");
        }

        if (notify?.Constant is { } value && !IsNotify(value))
        {
            throw arguments.Wrong(notify.Line, "':notify' takes NEVER, or SUCCESS, FAILURE and DELAY");
        }

        if (ret?.Constant is { } full && full.ToUpperInvariant() is not ("FULL" or "HDRS"))
        {
            throw arguments.Wrong(ret.Line, "':ret' takes FULL or HDRS");
        }

        return m =>
        {
            var target = address.Get(m);
            var wanted = notify?.Get(m);
            var dsn = wanted is not null && IsNotify(wanted) ? wanted.ToUpperInvariant() : null;
            var returnFull = ret?.Get(m).Equals("FULL", StringComparison.OrdinalIgnoreCase);
            if (toList)
            {
                m.Add(new SieveAction.RedirectToList(ExternalLists.Name(target), m.Content, dsn, returnFull));
                m.ImplicitKeep &= copy;
                return;
            }

            if (Parse(target) is not { } parsed)
            {
                throw new SieveRunException($"redirect: \"{(target.Length > 100 ? target[..100] : target)}\" is not an address");
            }

            m.Add(new SieveAction.Redirect(parsed, m.Content, dsn, returnFull));
            m.ImplicitKeep &= copy;
        };
    }

    /// <summary>local@domain, alone or as "Name &lt;local@domain&gt;".</summary>
    public static MailAddress? Parse(string text)
    {
        text = text.Trim();
        if (MailAddress.TryParse(text, out var plain))
        {
            return plain;
        }

        return MimeKit.MailboxAddress.TryParse(text, out var mailbox) && mailbox is not null && MailAddress.TryParse(mailbox.Address, out var named) ? named : null;
    }

    private static bool IsNotify(string text)
    {
        var words = text.ToUpperInvariant().Split(',');
        return words is ["NEVER"] || words.All(w => w is "SUCCESS" or "FAILURE" or "DELAY");
    }
}
