using System.Globalization;
using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Ganss.Xss;

namespace SaaS.Web.Webmail.Reading;

/// <summary>A body ready for the sandboxed frame.</summary>
/// <param name="Document">The whole document for <c>srcdoc</c>.</param>
/// <param name="BlockedImages">Remote images that were not shown.</param>
/// <param name="Height">A guess at its height in pixels: the frame runs no script and so cannot tell.</param>
/// <param name="HasColours">The mail sets colours of its own, so dark mode has to turn them.</param>
public sealed record FramedBody(string Document, int BlockedImages, int Height, bool HasColours);

/// <summary>How a body is to be shown.</summary>
/// <param name="Origin">Our public origin; images come only from its image endpoint.</param>
/// <param name="Remote">Address of the proxy for a remote image; null while remote content is off.</param>
/// <param name="Inline">Address of an image of the message itself, by its content id; null when there is none.</param>
/// <param name="Dark">Show on a dark ground.</param>
/// <param name="Width">Width of the reading pane, for the height's sake.</param>
public sealed record FrameOptions(Uri Origin, Func<string, string>? Remote, Func<string, string?> Inline, bool Dark, int Width = 760);

/// <summary>
/// HTML mail made safe three times over: an allow-list sanitiser (no style element, no SVG, no MathML, no forms), a
/// frame without scripts and without our origin, and a policy inside it that lets images come from one address only.
/// </summary>
public sealed class MailHtml
{
    private const int Longest = 2 * 1024 * 1024;

    private static readonly string[] Tags =
    [
        "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col",
        "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4",
        "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "s", "samp", "section",
        "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u",
        "ul", "var", "wbr",
    ];

    private static readonly string[] Attributes =
    [
        "abbr", "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "cite", "color", "cols", "colspan", "datetime", "dir",
        "face", "headers", "height", "href", "hspace", "lang", "noshade", "nowrap", "open", "reversed", "rows", "rowspan", "rules", "scope",
        "size", "span", "src", "start", "style", "summary", "title", "type", "valign", "value", "vspace", "width",
    ];

    private static readonly string[] Properties =
    [
        "background-color", "border", "border-bottom", "border-bottom-color", "border-bottom-left-radius", "border-bottom-right-radius",
        "border-bottom-style", "border-bottom-width", "border-collapse", "border-color", "border-left", "border-left-color",
        "border-left-style", "border-left-width", "border-radius", "border-right", "border-right-color", "border-right-style",
        "border-right-width", "border-spacing", "border-style", "border-top", "border-top-color", "border-top-left-radius",
        "border-top-right-radius", "border-top-style", "border-top-width", "border-width", "caption-side", "clear", "color", "direction",
        "display", "float", "font", "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing",
        "line-height", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-height", "max-width",
        "min-height", "min-width", "overflow-wrap", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
        "table-layout", "text-align", "text-decoration", "text-indent", "text-transform", "unicode-bidi", "vertical-align", "white-space",
        "width", "word-break", "word-spacing", "word-wrap",
    ];

    // What a quoted mail keeps inside the editor: words and their structure, no looks and no pictures.
    private static readonly string[] QuoteTags =
    [
        "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "i", "li", "ol", "p", "pre", "s", "strong", "u", "ul",
    ];

    private readonly HtmlSanitizer _body = Make(Tags, Attributes, Properties, ["http", "https", "mailto", "tel", "cid", "data"]);
    private readonly HtmlSanitizer _draft = Make([.. QuoteTags, "img"], ["href", "src", "alt"], [], ["http", "https", "mailto", "cid"], onlyCid: true);
    private readonly HtmlSanitizer _quote = Make(QuoteTags, ["href"], [], ["http", "https", "mailto"]);

    public FramedBody Frame(string html, FrameOptions options)
    {
        var (clean, blocked, colours) = Sanitized(html, options);
        return new FramedBody(Document(clean.Body?.InnerHtml ?? "", options, colours), blocked, Height(clean.Body, options.Width), colours);
    }

    /// <summary>The body alone, for a page that has a policy of its own.</summary>
    internal string Clean(string html, FrameOptions options) => Sanitized(html, options).Document.Body?.InnerHtml ?? "";

    private (IHtmlDocument Document, int Blocked, bool Colours) Sanitized(string html, FrameOptions options)
    {
        var clean = _body.SanitizeDom(Cut(html));
        var blocked = 0;
        foreach (var image in clean.QuerySelectorAll("img").ToList())
        {
            blocked += Picture(image, options) ? 0 : 1;
        }

        var colours = false;
        foreach (var element in clean.QuerySelectorAll("*"))
        {
            colours |= element.HasAttribute("bgcolor")
                || (element.GetAttribute("style") is { } style && style.Contains("background", StringComparison.OrdinalIgnoreCase));
            if (element is IHtmlAnchorElement anchor)
            {
                Link(anchor, options.Origin);
            }
        }

        return (clean, blocked, colours);
    }

    /// <summary>What a reply or a draft may bring into the editor.</summary>
    /// <param name="html">Of a quoted mail, a draft or a signature.</param>
    /// <param name="pictures">Keep the mail's own pictures (cid:), as in a draft of the user.</param>
    public string ForEditor(string html, bool pictures = false) => (pictures ? _draft : _quote).Sanitize(Cut(html), "");

    /// <summary>The text of a body, for the plain alternative of what is sent.</summary>
    public static string ToText(string html)
    {
        using var document = new HtmlParser().ParseDocument(Cut(html));
        var text = new StringBuilder();
        if (document.Body is { } body)
        {
            Text(body, text, 0);
        }

        var lines = text.ToString().Split('\n').Select(l => l.TrimEnd());
        return string.Join('\n', lines).Trim('\n').Replace("\n\n\n", "\n\n", StringComparison.Ordinal) + "\n";
    }

    private static string Cut(string html) => html.Length > Longest ? html[..Longest] : html;

    private static HtmlSanitizer Make(string[] tags, string[] attributes, string[] properties, string[] schemes, bool onlyCid = false)
    {
        var options = new HtmlSanitizerOptions
        {
            AllowedTags = new HashSet<string>(tags, StringComparer.OrdinalIgnoreCase),
            AllowedAttributes = new HashSet<string>(attributes, StringComparer.OrdinalIgnoreCase),
            AllowedCssProperties = new HashSet<string>(properties, StringComparer.OrdinalIgnoreCase),
            AllowedSchemes = new HashSet<string>(schemes, StringComparer.OrdinalIgnoreCase),
            AllowedAtRules = new HashSet<AngleSharp.Css.Dom.CssRuleType>(),
            UriAttributes = new HashSet<string>(["href", "src", "cite", "background"], StringComparer.OrdinalIgnoreCase),
        };
        var sanitizer = new HtmlSanitizer(options) { AllowDataAttributes = false, KeepChildNodes = false };
        sanitizer.RemovingTag += (_, e) =>
        {
            // Unknown wrappers go, what they hold stays; what can carry code goes with all it holds.
            if (e.Tag is IHtmlElement and not (IHtmlScriptElement or IHtmlStyleElement or IHtmlTemplateElement or IHtmlObjectElement
                    or IHtmlInlineFrameElement or IHtmlMediaElement or IHtmlTitleElement or IHtmlTextAreaElement or IHtmlSelectElement)
                && e.Tag.LocalName is "body" or "form" or "fieldset" or "label" or "nobr" or "acronym" or "dir" or "hgroup" or "legend")
            {
                e.Tag.Replace([.. e.Tag.ChildNodes]);
                e.Cancel = true;
            }
        };
        sanitizer.PostProcessNode += (_, e) =>
        {
            if (onlyCid && e.Node is IHtmlImageElement picture
                && picture.GetAttribute("src")?.StartsWith("cid:", StringComparison.OrdinalIgnoreCase) != true)
            {
                picture.RemoveAttribute("src");
            }

            if (e.Node is IElement element && element.GetAttribute("style") is { } style
                && (style.Contains("url(", StringComparison.OrdinalIgnoreCase) || style.Contains('\\', StringComparison.Ordinal)
                    || style.Contains("expression", StringComparison.OrdinalIgnoreCase)
                    || style.Contains("var(", StringComparison.OrdinalIgnoreCase)
                    || style.Contains("image", StringComparison.OrdinalIgnoreCase)))
            {
                element.RemoveAttribute("style");
            }
        };
        return sanitizer;
    }

    /// <summary>False when the picture is remote and stays away.</summary>
    private static bool Picture(IElement image, FrameOptions options)
    {
        var source = image.GetAttribute("src")?.Trim() ?? "";
        image.RemoveAttribute("src");
        if (source.StartsWith("cid:", StringComparison.OrdinalIgnoreCase))
        {
            if (options.Inline(Uri.UnescapeDataString(source[4..])) is { } inline)
            {
                image.SetAttribute("src", inline);
            }

            return true;
        }

        if (source.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase))
        {
            var type = source[11..Math.Min(source.Length, 20)];
            if (Array.Exists(RemoteImages.Types, t => type.StartsWith(t[6..], StringComparison.OrdinalIgnoreCase)))
            {
                image.SetAttribute("src", source);
            }

            return true;
        }

        if (source.StartsWith("//", StringComparison.Ordinal))
        {
            source = "https:" + source;
        }

        if (!Uri.TryCreate(source, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return true;
        }

        if (options.Remote is null)
        {
            return false;
        }

        image.SetAttribute("src", options.Remote(uri.AbsoluteUri));
        return true;
    }

    private static void Link(IElement anchor, Uri origin)
    {
        var href = anchor.GetAttribute("href")?.Trim();
        anchor.RemoveAttribute("target");
        if (href is null)
        {
            return;
        }

        if (href.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            anchor.SetAttribute("href", new Uri(origin, "/mail?compose=" + Uri.EscapeDataString(href)).AbsoluteUri);
        }
        else if (!Uri.TryCreate(href, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https" or "tel"))
        {
            anchor.RemoveAttribute("href");
            return;
        }

        anchor.SetAttribute("target", "_blank");
        anchor.SetAttribute("rel", "noopener noreferrer nofollow");
        if (!anchor.HasAttribute("title"))
        {
            anchor.SetAttribute("title", href); // where it really leads
        }
    }

    private static string Document(string body, FrameOptions options, bool colours)
    {
        var images = new Uri(options.Origin, "/mail/image/").AbsoluteUri;
        var look = (options.Dark, colours) switch
        {
            (true, false) => "html{color-scheme:dark;background:#161a20}body{color:#dfe4ec}a{color:#9db8ff}blockquote{border-color:#414a57;color:#b6bfcb}",
            // Mail that brings its own colours is turned as a whole, pictures back again.
            (true, true) => "html{background:#161a20}body{background:#fff;color:#151a22;filter:invert(.89) hue-rotate(180deg);padding:12px;border-radius:8px}"
                + "img{filter:invert(1) hue-rotate(180deg)}",
            _ => "html{color-scheme:light;background:#fff}body{color:#1b212b}a{color:#1f4fbf}",
        };
        return "<!doctype html><html><head><meta charset=\"utf-8\">"
            + $"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data: {images}; style-src 'unsafe-inline'; "
            + "form-action 'none'; base-uri 'none'\">"
            + "<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"viewport\" content=\"width=device-width\">"
            + "<title>Message</title><style>html{overflow:auto;scrollbar-width:thin}body{margin:0;padding:2px 0 8px;font:15px/1.6 Inter,system-ui,-apple-system,"
            + "'Segoe UI',Roboto,sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}img:not([src]){visibility:hidden}table{max-width:100%}"
            + "pre{white-space:pre-wrap}blockquote{margin:8px 0 8px 2px;padding-left:12px;border-left:3px solid #d5dae2;color:#4a5260}"
            + $"a{{text-underline-offset:2px}}{look}</style></head><body>{body}</body></html>";
    }

    private static int Height(IElement? body, int width)
    {
        if (body is null)
        {
            return 60;
        }

        var perLine = Math.Max(20, width / 7.4);
        double height = 24;
        foreach (var element in body.QuerySelectorAll("*"))
        {
            height += element.LocalName switch
            {
                "img" => Number(element.GetAttribute("height")) ?? (element.HasAttribute("src") ? 140 : 20),
                "h1" => 60,
                "table" => 16,
                "br" => 12,
                "p" or "blockquote" or "ul" or "ol" or "h2" or "h3" => 26,
                "tr" or "li" => 18,
                "div" => 10,
                "hr" => 18,
                _ => 0,
            };
        }

        height += Math.Ceiling(body.TextContent.Trim().Length / perLine) * 24;
        return (int)Math.Clamp(height, 60, 12_000);
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 0 and < 4000 ? n : null;

    private static void Text(INode node, StringBuilder text, int quote)
    {
        foreach (var child in node.ChildNodes)
        {
            switch (child)
            {
                case IText words:
                    var collapsed = string.Join(' ', words.Data.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                    var lead = words.Data.Length > 0 && char.IsWhiteSpace(words.Data[0]) && text.Length > 0 && text[^1] is not ('\n' or ' ') ? " " : "";
                    text.Append(lead).Append(collapsed);
                    if (words.Data.Length > 0 && char.IsWhiteSpace(words.Data[^1]) && collapsed.Length > 0)
                    {
                        text.Append(' ');
                    }

                    break;
                case IElement { LocalName: "br" }:
                    NewLine(text, quote);
                    break;
                case IElement { LocalName: "script" or "style" or "template" or "title" }:
                    break;
                case IElement element:
                    Element(element, text, quote);
                    break;
                default:
                    break;
            }
        }
    }

    private static void Element(IElement element, StringBuilder text, int quote)
    {
        var block = element.LocalName is "p" or "div" or "li" or "ul" or "ol" or "blockquote" or "h1" or "h2" or "h3" or "pre" or "tr" or "table" or "hr";
        var inner = element.LocalName == "blockquote" ? quote + 1 : quote;
        if (block && text.Length > 0 && text[^1] != '\n' && !AtQuoteStart(text))
        {
            NewLine(text, quote);
        }

        if (inner > quote)
        {
            text.Append('>', 1).Append(' ');
        }

        if (element.LocalName == "li")
        {
            text.Append("- ");
        }

        Text(element, text, inner);
        if (element.LocalName == "a" && element.GetAttribute("href") is { } href && href.StartsWith("http", StringComparison.OrdinalIgnoreCase)
            && !element.TextContent.Contains(href, StringComparison.OrdinalIgnoreCase))
        {
            text.Append(" <").Append(href).Append('>');
        }

        if (element.LocalName is "p" or "h1" or "h2" or "h3" or "ul" or "ol" or "blockquote")
        {
            NewLine(text, quote);
        }
    }

    private static bool AtQuoteStart(StringBuilder text) => text.Length > 1 && text[^1] == ' ' && text[^2] == '>';

    private static void NewLine(StringBuilder text, int quote)
    {
        text.Append('\n');
        if (quote > 0)
        {
            text.Append(new string('>', quote)).Append(' ');
        }
    }
}
