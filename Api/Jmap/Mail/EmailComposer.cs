using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Utils;
using SaaS.Api.Jmap.Blobs;
using SaaS.Domain.Messages;

namespace SaaS.Api.Jmap.Mail;

/// <summary>Makes the message of an Email/set create from its structured form (RFC 8621 §4.6).</summary>
internal sealed class EmailComposer(BlobReader blobs, IOptions<JmapOptions> options, TimeProvider clock)
{
    private static readonly (string Property, string Field)[] AddressFields =
    [
        ("from", "From"), ("sender", "Sender"), ("replyTo", "Reply-To"), ("to", "To"), ("cc", "Cc"), ("bcc", "Bcc"),
    ];

    private static readonly string[] Known =
    [
        "mailboxIds", "keywords", "receivedAt", "messageId", "inReplyTo", "references", "sender", "from", "to", "cc", "bcc", "replyTo", "subject",
        "sentAt", "bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments",
    ];

    private sealed class Work(MethodCall call, JsonObject bodyValues) : IAsyncDisposable
    {
        public MethodCall Call => call;
        public JsonObject BodyValues => bodyValues;
        public long Octets { get; set; }
        public List<MessageBytes> Open { get; } = [];
        public List<string> MissingBlobs { get; } = [];

        public async ValueTask DisposeAsync()
        {
            foreach (var bytes in Open)
            {
                await bytes.DisposeAsync();
            }
        }
    }

    public async Task<MessageBytes> ComposeAsync(MethodCall call, JsonObject email, CancellationToken ct)
    {
        var values = new Values(email);
        foreach (var (name, _) in email)
        {
            if (!Known.Contains(name, StringComparer.Ordinal) && HeaderProperty.Parse(name) is null)
            {
                throw SetException.Invalid(name, "This cannot be set.");
            }
        }

        await using var work = new Work(call, values.Object("bodyValues") ?? []);
        var headers = Headers(values, email);
        var body = values.Object("bodyStructure") is { } structure
            ? await PartAsync(work, structure, "bodyStructure", 0, ct)
            : await SimpleBodyAsync(work, values, ct);
        if (work.MissingBlobs.Count > 0)
        {
            var error = SetErrors.Of("blobNotFound");
            error["notFound"] = work.MissingBlobs.ToJson();
            throw new SetException(error);
        }

        var message = new MimeMessage(headers) { Body = body };
        message.Prepare(EncodingConstraint.SevenBit, 78);
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        var bytes = new MessageBytes();
        try
        {
            await message.WriteToAsync(format, new BytesStream(bytes), ct);
            return bytes;
        }
        catch
        {
            await bytes.DisposeAsync();
            throw;
        }
    }

    private List<Header> Headers(Values values, JsonObject email)
    {
        var headers = new List<Header>();
        void Add(string name, string value) => headers.Add(new Header(Encoding.UTF8, name, value));

        foreach (var (property, field) in AddressFields)
        {
            if (values.Array(property) is { Count: > 0 } addresses)
            {
                Add(field, Addresses(addresses, property).ToString(FormatOptions.Default, encode: true));
            }
        }

        Add("Date", DateUtils.FormatDate(values.Date("sentAt") is null ? clock.GetUtcNow() : SentAt(values)));
        var from = headers.FirstOrDefault(h => h.Id == HeaderId.From) is { } f && InternetAddressList.TryParse(f.Value, out var list)
            ? list.Mailboxes.FirstOrDefault() : null;
        var own = values.Texts("messageId");
        if (own is { Count: > 1 })
        {
            throw SetException.Invalid("messageId", "One id.");
        }

        Add("Message-ID", own is [var id] ? MessageIds([id], "messageId") : $"<{MimeUtils.GenerateMessageId(from?.Domain is { Length: > 0 } d ? d : "localhost")}>");
        Add("Subject", Line(values.Text("subject") ?? "", "subject"));
        if (values.Texts("inReplyTo") is { Count: > 0 } replyTo)
        {
            Add("In-Reply-To", MessageIds(replyTo, "inReplyTo"));
        }

        if (values.Texts("references") is { Count: > 0 } references)
        {
            Add("References", MessageIds(references, "references"));
        }

        foreach (var (name, value) in email)
        {
            if (value is null || HeaderProperty.Parse(name) is not { } header)
            {
                continue;
            }

            if (header.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || headers.Any(h => h.Field.Equals(header.Name, StringComparison.OrdinalIgnoreCase)
                && h.Id is not (HeaderId.Date or HeaderId.MessageId)))
            {
                throw SetException.Invalid(name, "This field is set by another property.");
            }

            headers.RemoveAll(h => h.Field.Equals(header.Name, StringComparison.OrdinalIgnoreCase));
            foreach (var one in header.All && value is JsonArray all ? all.ToList() : [value])
            {
                Add(header.Name, FieldValue(header, one, name));
            }
        }

        return headers;
    }

    private static string FieldValue(HeaderProperty header, JsonNode? value, string name) => header.Form switch
    {
        "asRaw" or "asText" or "asDate" => Line(value is JsonValue v && v.TryGetValue<string>(out var s) ? s.Trim() : throw Values.Wrong(name), name),
        "asAddresses" => Addresses(value as JsonArray ?? throw Values.Wrong(name), name).ToString(FormatOptions.Default, encode: true),
        "asMessageIds" => MessageIds(JsonStrings(value, name), name),
        "asURLs" => string.Join(", ", JsonStrings(value, name).Select(u => $"<{Line(u, name)}>")),
        _ => throw SetException.Invalid(name, "This form cannot be set."),
    };

    private static List<string> JsonStrings(JsonNode? value, string name) =>
        [.. (value as JsonArray ?? throw Values.Wrong(name)).Select(i => i is JsonValue v && v.TryGetValue<string>(out var s) ? s : throw Values.Wrong(name))];

    private static DateTimeOffset SentAt(Values values) =>
        DateTimeOffset.TryParse(values.Text("sentAt"), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at)
            ? at : throw Values.Wrong("sentAt");

    private static InternetAddressList Addresses(JsonArray addresses, string property)
    {
        var list = new InternetAddressList();
        foreach (var item in addresses)
        {
            var values = new Values(item as JsonObject ?? throw Values.Wrong(property));
            var email = values.Text("email") ?? throw Values.Wrong(property);

            // A draft may hold half an address; what is sent is checked when it is sent.
            if (email.Any(char.IsControl) || (values.Text("name") ?? "").Any(c => c is '\r' or '\n' or '\0'))
            {
                throw SetException.Invalid(property, "No control characters.");
            }

            if (!MailboxAddress.TryParse(email, out var parsed))
            {
                throw SetException.Invalid(property, "Not an address.");
            }

            list.Add(new MailboxAddress(Encoding.UTF8, values.Text("name") ?? "", parsed.Address));
        }

        return list;
    }

    private static string MessageIds(IReadOnlyList<string> ids, string property) => string.Join(' ', ids.Take(100).Select(id =>
        id.Length is > 0 and < 900 && !id.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>')
            ? $"<{id}>" : throw SetException.Invalid(property, "Not a message id.")));

    private static string Line(string text, string property) =>
        text.Any(c => c is '\r' or '\n' or '\0') ? throw SetException.Invalid(property, "One line.") : text;

    private async Task<MimeEntity> SimpleBodyAsync(Work work, Values values, CancellationToken ct)
    {
        var text = await OneAsync(work, values, "textBody", "plain", ct);
        var html = await OneAsync(work, values, "htmlBody", "html", ct);
        var inline = new List<MimeEntity>();
        var attached = new List<MimeEntity>();
        foreach (var item in values.Array("attachments") ?? [])
        {
            var part = await PartAsync(work, item as JsonObject ?? throw Values.Wrong("attachments"), "attachments", 1, ct);
            part.ContentDisposition ??= new ContentDisposition(ContentDisposition.Attachment);
            (html is not null && part.ContentId is { Length: > 0 } && part.ContentDisposition.Disposition == ContentDisposition.Inline ? inline : attached).Add(part);
        }

        MimeEntity? shown = html;
        if (inline.Count > 0)
        {
            var related = new Multipart("related") { html! };
            inline.ForEach(related.Add);
            shown = related;
        }

        if (text is not null)
        {
            shown = shown is null ? text : new Multipart("alternative") { text, shown };
        }

        shown ??= new TextPart("plain") { Text = "" };
        if (attached.Count == 0)
        {
            return shown;
        }

        var mixed = new Multipart("mixed") { shown };
        attached.ForEach(mixed.Add);
        return mixed;
    }

    private async Task<MimeEntity?> OneAsync(Work work, Values values, string property, string subtype, CancellationToken ct)
    {
        var parts = values.Array(property);
        if (parts is null or { Count: 0 })
        {
            return null;
        }

        if (parts.Count > 1 || parts[0] is not JsonObject part || (part["type"]?.ToString() is { } type && type != $"text/{subtype}"))
        {
            throw SetException.Invalid(property, $"One part of type text/{subtype}.");
        }

        var typed = part.DeepClone().AsObject();
        typed["type"] = $"text/{subtype}";
        return await PartAsync(work, typed, property, 1, ct);
    }

    private async Task<MimeEntity> PartAsync(Work work, JsonObject part, string property, int depth, CancellationToken ct)
    {
        if (depth > 20)
        {
            throw SetException.Invalid(property, "Too deep.");
        }

        var values = new Values(part);
        var type = values.Text("type") ?? (part["subParts"] is JsonArray ? "multipart/mixed" : "text/plain");
        if (!ContentType.TryParse(Line(type, property), out var contentType))
        {
            throw SetException.Invalid(property, "Not a media type.");
        }

        MimeEntity entity;
        if (contentType.IsMimeType("multipart", "*"))
        {
            var multipart = new Multipart(contentType.MediaSubtype);
            foreach (var child in values.Array("subParts") ?? [])
            {
                multipart.Add(await PartAsync(work, child as JsonObject ?? throw Values.Wrong(property), property, depth + 1, ct));
            }

            entity = multipart;
        }
        else if (values.Text("partId") is { } partId)
        {
            entity = TextOf(work, partId, contentType, property);
        }
        else
        {
            entity = await BlobPartAsync(work, values, contentType, property, ct);
        }

        if (values.Text("disposition") is { } disposition)
        {
            entity.ContentDisposition = new ContentDisposition(Token(disposition, property));
        }

        if (values.Text("name") is { Length: > 0 } name)
        {
            entity.ContentType.Name = Line(name, property);
            (entity.ContentDisposition ??= new ContentDisposition(ContentDisposition.Attachment)).FileName = Line(name, property);
        }

        if (values.Text("cid") is { Length: > 0 } cid)
        {
            entity.ContentId = MessageIds([cid], property)[1..^1];
        }

        if (values.Text("location") is { } location && Uri.TryCreate(Line(location, property), UriKind.RelativeOrAbsolute, out var uri))
        {
            entity.ContentLocation = uri;
        }

        if (values.Texts("language") is { Count: > 0 } languages)
        {
            entity.Headers.Replace("Content-Language", string.Join(", ", languages.Select(l => Token(l, property))));
        }

        return entity;
    }

    private TextPart TextOf(Work work, string partId, ContentType type, string property)
    {
        if (!type.IsMimeType("text", "*"))
        {
            throw SetException.Invalid(property, "Only text has a partId.");
        }

        var value = new Values(work.BodyValues[partId] as JsonObject ?? throw SetException.Invalid("bodyValues", $"No value for part {partId}."));
        if (value.Bool("isEncodingProblem") == true || value.Bool("isTruncated") == true)
        {
            throw SetException.Invalid("bodyValues", "A value must be whole.");
        }

        var text = value.Text("value") ?? "";
        Count(work, text.Length);
        var part = new TextPart(type.MediaSubtype);
        part.SetText(Encoding.UTF8, text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\r", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));
        return part;
    }

    private async Task<MimeEntity> BlobPartAsync(Work work, Values values, ContentType type, string property, CancellationToken ct)
    {
        var id = values.Text("blobId") ?? throw SetException.Invalid(property, "A part has a partId or a blobId.");
        var bytes = await blobs.ReadAsync(work.Call.Account, BlobId.Parse(work.Call.Resolve(id)), options.Value.MaxSizeAttachments, ct);
        if (bytes is null)
        {
            work.MissingBlobs.Add(id);
            return new TextPart("plain");
        }

        work.Open.Add(bytes);
        Count(work, bytes.Length);
        if (type.IsMimeType("message", "rfc822"))
        {
            try
            {
                return new MessagePart("rfc822") { Message = await MimeMessage.LoadAsync(bytes.OpenRead(), ct) };
            }
            catch (FormatException)
            {
                throw SetException.Invalid(property, "Not a message.");
            }
        }

        var part = type.IsMimeType("text", "*") ? new TextPart(type.MediaSubtype) : new MimePart(type.MediaType, type.MediaSubtype);
        foreach (var parameter in type.Parameters)
        {
            part.ContentType.Parameters[parameter.Name] = parameter.Value;
        }

        if (values.Text("charset") is { Length: > 0 } charset && part is TextPart)
        {
            part.ContentType.Charset = Token(charset, property);
        }

        part.Content = new MimeContent(bytes.OpenRead());
        part.ContentTransferEncoding = part is TextPart ? ContentEncoding.QuotedPrintable : ContentEncoding.Base64;
        return part;
    }

    private void Count(Work work, long octets)
    {
        work.Octets += octets;
        if (work.Octets > options.Value.MaxSizeAttachments)
        {
            var error = SetErrors.Of("tooLarge", "The email is too large.");
            error["maxSize"] = options.Value.MaxSizeAttachments;
            throw new SetException(error);
        }
    }

    private static string Token(string text, string property) =>
        text.Length is > 0 and < 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+')
            ? text : throw SetException.Invalid(property, "Not a token.");

    /// <summary>Lets MimeKit write into the message's bytes.</summary>
    private sealed class BytesStream(MessageBytes bytes) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => bytes.Length;
        public override long Position { get => bytes.Length; set => throw new NotSupportedException(); }

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => bytes.Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => bytes.Write(buffer);
    }
}
