using System.Text.Json;
using System.Text.Json.Nodes;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>The change that a patch of one email comes to; equal changes of many emails are made in one statement.</summary>
internal sealed record EmailPatch(FlagChange? Flags, MailboxId? Target, string Key)
{
    public static EmailPatch Of(MethodCall call, JsonObject patch, MessageRow row)
    {
        var add = MessageFlags.None;
        var remove = MessageFlags.None;
        var addNames = new List<string>();
        var removeNames = new List<string>();
        var replace = false;
        HashSet<MailboxId>? boxes = null;
        foreach (var (path, value) in patch)
        {
            if (path == "keywords")
            {
                replace = true;
                (add, addNames) = EmailPlacement.Keywords(new Values(patch).Set(path) ?? []);
            }
            else if (path.StartsWith("keywords/", StringComparison.Ordinal))
            {
                var keyword = Unescape(path["keywords/".Length..]);
                var (flag, names) = EmailPlacement.Keywords([keyword]);
                if (IsOn(path, value))
                {
                    add |= flag;
                    addNames.AddRange(names);
                }
                else
                {
                    remove |= flag;
                    removeNames.AddRange(names);
                }
            }
            else if (path == "mailboxIds")
            {
                boxes = [.. (new Values(patch).Set(path) ?? []).Select(id => Mailbox(call, id))];
            }
            else if (path.StartsWith("mailboxIds/", StringComparison.Ordinal))
            {
                boxes ??= [row.Mailbox];
                var box = Mailbox(call, Unescape(path["mailboxIds/".Length..]));
                if (IsOn(path, value))
                {
                    boxes.Add(box);
                }
                else
                {
                    boxes.Remove(box);
                }
            }
            else
            {
                throw SetException.Invalid(path, "Of an email, only keywords and mailboxIds change.");
            }
        }

        if (boxes is { Count: 0 })
        {
            throw SetException.Invalid("mailboxIds", "An email is in a mailbox.");
        }

        if (boxes is { Count: > 1 })
        {
            throw new SetException(SetErrors.Of("tooManyMailboxes", "An email is in one mailbox.", "mailboxIds"));
        }

        MailboxId? target = boxes is null || boxes.First() == row.Mailbox ? null : boxes.First();
        var changes = replace || add != 0 || remove != 0 || addNames.Count + removeNames.Count > 0;
        var flags = changes
            ? new FlagChange { Add = add, Remove = remove, AddKeywords = addNames, RemoveKeywords = removeNames, Replace = replace }
            : null;
        var key = JsonSerializer.Serialize(new object?[] { (int)add, (int)remove, addNames, removeNames, replace, changes, target?.Value });
        return new EmailPatch(flags, target, key);
    }

    private static MailboxId Mailbox(MethodCall call, string id) =>
        JmapIds.Mailbox(call.Resolve(id)) ?? throw SetException.Invalid("mailboxIds", "No such mailbox.");

    private static bool IsOn(string path, JsonNode? value) => value switch
    {
        null => false,
        JsonValue v when v.TryGetValue<bool>(out var on) && on => true,
        _ => throw SetException.Invalid(path, "true or null."),
    };

    private static string Unescape(string key) => key.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
