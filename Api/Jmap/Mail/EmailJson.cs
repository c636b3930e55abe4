using System.Text.Json.Nodes;
using SaaS.Api.Jmap.Blobs;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>What was parsed of a message, wherever it stands.</summary>
/// <param name="PartBlob">The blob id of a part.</param>
internal sealed record EmailContent(
    MessageEnvelope Envelope, BodyPart Structure, string Preview, bool HasAttachment, int Size, string BlobId, Func<BodyPart, string?> PartBlob);

/// <summary>Writes an email (RFC 8621 §4.1).</summary>
internal static class EmailJson
{
    public static void WriteRow(JsonObject json, EmailProperties properties, MessageRow row)
    {
        foreach (var name in properties.Names)
        {
            switch (name)
            {
                case "id":
                    json[name] = JmapIds.Of(row.Id);
                    break;
                case "blobId":
                    json[name] = BlobId.Of(row.Content);
                    break;
                case "threadId":
                    json[name] = JmapIds.Of(row.Thread);
                    break;
                case "mailboxIds":
                    json[name] = new JsonObject { [JmapIds.Of(row.Mailbox)] = true };
                    break;
                case "keywords":
                    var keywords = new JsonObject();
                    foreach (var keyword in EmailQueryKeywords.Of(row.Flags, row.Keywords))
                    {
                        keywords[keyword] = true;
                    }

                    json[name] = keywords;
                    break;
                case "size":
                    json[name] = row.Size;
                    break;
                case "receivedAt":
                    json[name] = row.InternalDate.Utc();
                    break;
            }
        }
    }

    public static async Task WriteContentAsync(
        JsonObject json, EmailProperties properties, EmailContent content, IReadOnlyList<RawHeaderField>? fields, Func<Task<Stream?>> openRaw,
        CancellationToken ct)
    {
        var envelope = content.Envelope;
        foreach (var name in properties.Names)
        {
            switch (name)
            {
                case "messageId":
                    json[name] = HeaderForms.OfMessageIds(envelope.MessageId);
                    break;
                case "inReplyTo":
                    json[name] = HeaderForms.OfMessageIds(envelope.InReplyTo);
                    break;
                case "references":
                    json[name] = envelope.References is { } references ? HeaderForms.OfMessageIds(string.Join(' ', references)) : null;
                    break;
                case "sender":
                    json[name] = HeaderForms.OfAddresses(envelope.Sender);
                    break;
                case "from":
                    json[name] = HeaderForms.OfAddresses(envelope.From);
                    break;
                case "to":
                    json[name] = HeaderForms.OfAddresses(envelope.To);
                    break;
                case "cc":
                    json[name] = HeaderForms.OfAddresses(envelope.Cc);
                    break;
                case "bcc":
                    json[name] = HeaderForms.OfAddresses(envelope.Bcc);
                    break;
                case "replyTo":
                    json[name] = HeaderForms.OfAddresses(envelope.ReplyTo);
                    break;
                case "subject":
                    json[name] = envelope.Subject;
                    break;
                case "sentAt":
                    json[name] = HeaderForms.OfDate(envelope.Date);
                    break;
                case "hasAttachment":
                    json[name] = content.HasAttachment;
                    break;
                case "preview":
                    json[name] = content.Preview;
                    break;
                case "headers":
                    json[name] = Headers(fields ?? []);
                    break;
            }
        }

        foreach (var (name, header) in properties.Headers)
        {
            json[name] = HeaderForms.Read(header, fields ?? []);
        }

        if (properties.Has("bodyStructure") || properties.Has("textBody") || properties.Has("htmlBody") || properties.Has("attachments")
            || properties.Has("bodyValues"))
        {
            await WriteBodyAsync(json, properties, content, openRaw, ct);
        }
    }

    private static async Task WriteBodyAsync(
        JsonObject json, EmailProperties properties, EmailContent content, Func<Task<Stream?>> openRaw, CancellationToken ct)
    {
        var body = new EmailBody(content.Structure);
        var partFields = new Dictionary<int, IReadOnlyList<RawHeaderField>>();
        if (properties.NeedsRaw && (properties.BodyHeaders.Count > 0 || properties.Body.Contains("headers")))
        {
            await using var raw = await openRaw();
            await ReadPartHeadersAsync(raw, content.Structure, partFields, ct);
        }

        JsonObject Part(BodyPart part, bool deep) => Write(part, body, properties, content, partFields, deep);

        if (properties.Has("bodyStructure"))
        {
            json["bodyStructure"] = Part(body.Structure, deep: true);
        }

        if (properties.Has("textBody"))
        {
            json["textBody"] = new JsonArray([.. body.Text.Select(p => Part(p, deep: false))]);
        }

        if (properties.Has("htmlBody"))
        {
            json["htmlBody"] = new JsonArray([.. body.Html.Select(p => Part(p, deep: false))]);
        }

        if (properties.Has("attachments"))
        {
            json["attachments"] = new JsonArray([.. body.Attachments.Select(p => Part(p, deep: false))]);
        }

        if (properties.Has("bodyValues"))
        {
            var values = new JsonObject();
            json["bodyValues"] = values;
            var wanted = (properties.FetchAll ? body.Leaves : [])
                .Concat(properties.FetchText ? body.Text : []).Concat(properties.FetchHtml ? body.Html : [])
                .Where(p => p.Type == "text").Distinct<BodyPart>(ReferenceEqualityComparer.Instance).ToList();
            if (wanted.Count > 0)
            {
                await using var raw = await openRaw();
                if (raw is not null)
                {
                    foreach (var (part, value) in await BodyText.ReadAsync(raw, wanted, properties.MaxBodyValue, ct))
                    {
                        values[body.IdOf(part)!] = value;
                    }
                }
            }
        }
    }

    private static JsonObject Write(
        BodyPart part, EmailBody body, EmailProperties properties, EmailContent content, Dictionary<int, IReadOnlyList<RawHeaderField>> partFields,
        bool deep)
    {
        var json = new JsonObject();
        foreach (var name in properties.Body)
        {
            switch (name)
            {
                case "partId":
                    json[name] = body.IdOf(part);
                    break;
                case "blobId":
                    json[name] = part.IsMultipart ? null : content.PartBlob(part);
                    break;
                case "size":
                    json[name] = DecodedSize(part);
                    break;
                case "name":
                    json[name] = part.FileName;
                    break;
                case "type":
                    json[name] = $"{part.Type}/{part.Subtype}";
                    break;
                case "charset":
                    json[name] = part.Charset ?? (part.Type == "text" ? "us-ascii" : null);
                    break;
                case "disposition":
                    json[name] = part.Disposition;
                    break;
                case "cid":
                    json[name] = part.ContentId?.Trim().TrimStart('<').TrimEnd('>');
                    break;
                case "language":
                    json[name] = part.Languages?.ToJson();
                    break;
                case "location":
                    json[name] = part.Location;
                    break;
                case "headers":
                    json[name] = Headers(partFields.GetValueOrDefault(part.HeaderOffset) ?? []);
                    break;
            }
        }

        foreach (var (name, header) in properties.BodyHeaders)
        {
            json[name] = HeaderForms.Read(header, partFields.GetValueOrDefault(part.HeaderOffset) ?? []);
        }

        if (deep && part.IsMultipart)
        {
            json["subParts"] = new JsonArray([.. (part.Parts ?? []).Select(p => Write(p, body, properties, content, partFields, deep: true))]);
        }

        return json;
    }

    /// <summary>Octets once decoded, as counted at delivery. What an older release stored is estimated from the length of its full lines, so that
    /// no body is read for it.</summary>
    private static long DecodedSize(BodyPart part)
    {
        if (part.DecodedSize is { } counted)
        {
            return counted;
        }

        if (part.Encoding != "base64" || part.IsMultipart)
        {
            return part.BodySize;
        }

        var lineEnds = part.BodySize / 78 * 2;
        return Math.Max(0, (part.BodySize - lineEnds) / 4 * 3L);
    }

    private static JsonArray Headers(IReadOnlyList<RawHeaderField> fields) =>
        new([.. fields.Select(f => (JsonNode)new JsonObject { ["name"] = f.Name, ["value"] = f.Raw })]);

    private static async Task ReadPartHeadersAsync(
        Stream? raw, BodyPart structure, Dictionary<int, IReadOnlyList<RawHeaderField>> fields, CancellationToken ct)
    {
        long position = 0;
        foreach (var part in All(structure).OrderBy(p => p.HeaderOffset))
        {
            var length = Math.Min(part.BodyOffset - part.HeaderOffset, 1024 * 1024);
            if (raw is null || length <= 0 || part.HeaderOffset < position || !await SliceStream.SkipAsync(raw, part.HeaderOffset - position, ct))
            {
                continue;
            }

            var block = new byte[length];
            var read = await raw.ReadAtLeastAsync(block, length, throwOnEndOfStream: false, ct);
            position = (long)part.HeaderOffset + read;
            fields[part.HeaderOffset] = HeaderBlock.Parse(block.AsSpan(0, read));
        }
    }

    private static IEnumerable<BodyPart> All(BodyPart part) => (part.Parts ?? []).SelectMany(All).Prepend(part);
}
