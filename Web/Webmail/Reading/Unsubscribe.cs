using System.Text.Json;
using SaaS.Client.Jmap;

namespace SaaS.Web.Webmail.Reading;

/// <summary>How a mailing list lets go (RFC 2369 §3.2; with one POST: RFC 8058).</summary>
/// <param name="OneClick">Where the POST goes; null where the list has none.</param>
/// <param name="Mailto">An address to write to.</param>
/// <param name="Page">A page to visit.</param>
public sealed record Unsubscribe(Uri? OneClick, string? Mailto, Uri? Page)
{
    /// <summary>Null where the message names no way that we take: https and mailto only.</summary>
    public static Unsubscribe? Of(Email email)
    {
        if (email.Extra?.GetValueOrDefault("header:List-Unsubscribe:asURLs") is not { ValueKind: JsonValueKind.Array } urls)
        {
            return null;
        }

        Uri? page = null;
        string? mailto = null;
        foreach (var text in urls.EnumerateArray().Take(10).Select(u => u.GetString() ?? "").Where(u => u.Length <= 2000))
        {
            if (text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            {
                mailto ??= text;
            }
            else if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps)
            {
                page ??= uri;
            }
        }

        var oneClick = email.Extra.GetValueOrDefault("header:List-Unsubscribe-Post:asText") is { ValueKind: JsonValueKind.String } post
            && string.Equals(post.GetString()?.Trim(), "List-Unsubscribe=One-Click", StringComparison.OrdinalIgnoreCase);
        return page is null && mailto is null ? null : new Unsubscribe(oneClick ? page : null, mailto, page);
    }
}
