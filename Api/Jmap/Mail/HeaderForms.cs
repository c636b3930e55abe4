using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MimeKit;
using MimeKit.Utils;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>"header:List-Post:asURLs:all" (RFC 8621 §4.1.2, §4.1.3).</summary>
internal sealed record HeaderProperty(string Name, string Form, bool All)
{
    /// <summary>Null where it is no header property, or its form does not go with the field.</summary>
    public static HeaderProperty? Parse(string property)
    {
        var pieces = property.Split(':');
        if (pieces is not ["header", { Length: > 0 } name, ..] || name.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0)
        {
            return null;
        }

        var rest = pieces[2..];
        var all = rest is [.., "all"];
        rest = all ? rest[..^1] : rest;
        var form = rest switch { [] => "asRaw", [var one] => one, _ => "" };
        return HeaderForms.Known.Contains(form) && HeaderForms.Allows(name, form) ? new HeaderProperty(name, form, all) : null;
    }
}

internal static class HeaderForms
{
    public static readonly IReadOnlySet<string> Known = new HashSet<string>(StringComparer.Ordinal)
    {
        "asRaw", "asText", "asAddresses", "asGroupedAddresses", "asMessageIds", "asDate", "asURLs",
    };

    private static readonly HashSet<string> Addresses = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-Reply-To", "Resent-To", "Resent-Cc", "Resent-Bcc",
    };

    private static readonly HashSet<string> MessageIds = new(StringComparer.OrdinalIgnoreCase)
    {
        "Message-ID", "In-Reply-To", "References", "Resent-Message-ID",
    };

    private static readonly HashSet<string> Dates = new(StringComparer.OrdinalIgnoreCase) { "Date", "Resent-Date" };

    private static readonly HashSet<string> Urls = new(StringComparer.OrdinalIgnoreCase)
    {
        "List-Help", "List-Unsubscribe", "List-Subscribe", "List-Post", "List-Owner", "List-Archive",
    };

    /// <summary>A field of the standard goes only with its own form; unknown ones with any.</summary>
    public static bool Allows(string name, string form) => form switch
    {
        "asRaw" => true,
        "asText" => !(Addresses.Contains(name) || MessageIds.Contains(name) || Dates.Contains(name) || Urls.Contains(name)),
        "asAddresses" or "asGroupedAddresses" => !(MessageIds.Contains(name) || Dates.Contains(name) || Urls.Contains(name)),
        "asMessageIds" => !(Addresses.Contains(name) || Dates.Contains(name) || Urls.Contains(name)),
        "asDate" => !(Addresses.Contains(name) || MessageIds.Contains(name) || Urls.Contains(name)),
        _ => !(Addresses.Contains(name) || MessageIds.Contains(name) || Dates.Contains(name)),
    };

    public static JsonNode? Read(HeaderProperty property, IReadOnlyList<RawHeaderField> fields)
    {
        var matching = fields.Where(f => f.Name.Equals(property.Name, StringComparison.OrdinalIgnoreCase)).ToList();
        return property.All
            ? new JsonArray([.. matching.Select(f => Convert(property.Form, f))])
            : matching.Count == 0 ? null : Convert(property.Form, matching[^1]);
    }

    private static JsonNode? Convert(string form, RawHeaderField field) => form switch
    {
        "asRaw" => field.Raw,
        "asText" => field.Text,
        "asAddresses" => OfAddresses(field.Raw, grouped: false),
        "asGroupedAddresses" => OfAddresses(field.Raw, grouped: true),
        "asMessageIds" => OfMessageIds(field.Raw),
        "asDate" => OfDate(field.Raw),
        _ => OfUrls(field.Raw),
    };

    public static JsonNode? OfDate(string? raw) =>
        raw is not null && DateUtils.TryParse(raw.Trim(), out var at)
            ? at.ToString(at.Offset == TimeSpan.Zero ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture)
            : null;

    public static JsonNode? OfMessageIds(string? raw)
    {
        if (raw is null)
        {
            return null;
        }

        var ids = MimeUtils.EnumerateReferences(raw).Take(1000).ToList();
        return ids.Count == 0 ? null : ids.ToJson();
    }

    public static JsonArray? OfAddresses(IReadOnlyList<HeaderAddress>? addresses) =>
        addresses is null ? null : new JsonArray([.. addresses.Where(a => a.Local is not null).Select(a => (JsonNode)new JsonObject
        {
            ["name"] = string.IsNullOrEmpty(a.Name) ? null : a.Name,
            ["email"] = a.Email,
        })]);

    private static JsonArray OfAddresses(string raw, bool grouped)
    {
        var list = InternetAddressList.TryParse(Encoding.UTF8.GetBytes(raw.Length > 100_000 ? raw[..100_000] : raw), out var parsed) ? parsed : [];
        if (!grouped)
        {
            return new JsonArray([.. list.Mailboxes.Select(Of)]);
        }

        var groups = new JsonArray();
        JsonArray? open = null;
        foreach (var address in list)
        {
            if (address is GroupAddress group)
            {
                open = null;
                groups.Add(new JsonObject { ["name"] = group.Name, ["addresses"] = new JsonArray([.. group.Members.Mailboxes.Select(Of)]) });
            }
            else if (address is MailboxAddress mailbox)
            {
                if (open is null)
                {
                    groups.Add(new JsonObject { ["name"] = null, ["addresses"] = open = [] });
                }

                open.Add(Of(mailbox));
            }
        }

        return groups;
    }

    private static JsonNode Of(MailboxAddress address) => new JsonObject
    {
        ["name"] = string.IsNullOrEmpty(address.Name) ? null : address.Name,
        ["email"] = address.Address,
    };

    private static JsonArray? OfUrls(string raw)
    {
        var urls = new JsonArray();
        var at = 0;
        while ((at = raw.IndexOf('<', at)) >= 0 && raw.IndexOf('>', at) is > 0 and var end)
        {
            urls.Add(string.Concat(raw[(at + 1)..end].Where(c => !char.IsWhiteSpace(c))));
            at = end;
        }

        return urls.Count == 0 ? null : urls;
    }
}
