using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>The parts of a message as JMAP sees them: which are the text, which the HTML, which attachments (RFC 8621 §4.1.4).</summary>
internal sealed class EmailBody
{
    private readonly Dictionary<BodyPart, string> _ids = new(ReferenceEqualityComparer.Instance);

    public EmailBody(BodyPart structure)
    {
        Structure = structure;
        Number(structure, "");
        var text = new List<BodyPart>();
        var html = new List<BodyPart>();
        Parse([structure], "mixed", false, html, text);
        Text = text;
        Html = html;
    }

    public BodyPart Structure { get; }
    public IReadOnlyList<BodyPart> Text { get; }
    public IReadOnlyList<BodyPart> Html { get; }
    public List<BodyPart> Attachments { get; } = [];

    /// <summary>Null for a multipart.</summary>
    public string? IdOf(BodyPart part) => _ids.GetValueOrDefault(part);

    public IEnumerable<BodyPart> Leaves => _ids.Keys;

    private void Number(BodyPart part, string path)
    {
        if (!part.IsMultipart)
        {
            _ids[part] = path.Length == 0 ? "1" : path;
            return;
        }

        var parts = part.Parts ?? [];
        for (var i = 0; i < parts.Count; i++)
        {
            var number = (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
            Number(parts[i], path.Length == 0 ? number : $"{path}.{number}");
        }
    }

    // The algorithm of RFC 8621 §4.1.4, as it stands there.
    private void Parse(IReadOnlyList<BodyPart> parts, string multipartType, bool inAlternative, List<BodyPart>? html, List<BodyPart>? text)
    {
        var textLength = text?.Count ?? -1;
        var htmlLength = html?.Count ?? -1;
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            var media = part.Type is "image" or "audio" or "video";
            var isPlain = part is { Type: "text", Subtype: "plain" };
            var isHtml = part is { Type: "text", Subtype: "html" };
            var isInline = part.Disposition != "attachment" && (isPlain || isHtml || media)
                && (i == 0 || (multipartType != "related" && (media || string.IsNullOrEmpty(part.FileName))));
            if (part.IsMultipart)
            {
                Parse(part.Parts ?? [], part.Subtype, inAlternative || part.Subtype == "alternative", html, text);
            }
            else if (!isInline)
            {
                Attachments.Add(part);
            }
            else if (multipartType == "alternative")
            {
                if (isPlain || isHtml)
                {
                    (isPlain ? text : html)?.Add(part);
                }
                else
                {
                    Attachments.Add(part);
                }
            }
            else
            {
                if (inAlternative)
                {
                    html = isPlain ? null : html;
                    text = isHtml ? null : text;
                }

                text?.Add(part);
                html?.Add(part);
                if ((text is null || html is null) && media)
                {
                    Attachments.Add(part);
                }
            }
        }

        if (multipartType == "alternative" && text is not null && html is not null)
        {
            if (textLength == text.Count && htmlLength != html.Count)
            {
                text.AddRange(html.Skip(htmlLength).ToList());
            }
            else if (htmlLength == html.Count && textLength != text.Count)
            {
                html.AddRange(text.Skip(textLength).ToList());
            }
        }
    }
}
