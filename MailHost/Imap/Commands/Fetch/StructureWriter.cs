using System.Text;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Fetch;

/// <summary>ENVELOPE, BODY and BODYSTRUCTURE from what was parsed at delivery.</summary>
/// <remarks>
/// RFC 9051 §7.5.2. The store keeps decoded text; what is not ASCII goes out as RFC 2047 words and RFC 2231 parameters, which every client reads.
/// </remarks>
internal static class StructureWriter
{
    // envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")"
    public static void Envelope(ImapWriter w, MessageEnvelope e)
    {
        w.Byte((byte)'(').NString(e.Date is null ? null : EncodedWords.Encode(e.Date));
        Text(w, e.Subject);
        Addresses(w, e.From);
        Addresses(w, e.Sender ?? e.From);
        Addresses(w, e.ReplyTo ?? e.From);
        Addresses(w, e.To);
        Addresses(w, e.Cc);
        Addresses(w, e.Bcc);
        Text(w, e.InReplyTo);
        Text(w, e.MessageId);
        w.Byte((byte)')');
    }

    // body = "(" (body-type-1part / body-type-mpart) ")"
    public static void Body(ImapWriter w, BodyPart part, bool extended)
    {
        w.Byte((byte)'(');
        if (part.IsMultipart)
        {
            if (part.Parts is { Count: > 0 } parts)
            {
                foreach (var child in parts)
                {
                    Body(w, child, extended);
                }
            }
            else
            {
                // The grammar wants a part; there is none.
                w.Raw("(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0)"u8);
            }

            w.Space().String(part.Subtype);
            if (extended)
            {
                w.Space();
                Parameters(w, part.Parameters);
                Tail(w, part);
            }
        }
        else
        {
            Single(w, part, extended);
        }

        w.Byte((byte)')');
    }

    private static readonly PartParameter UsAscii = new("charset", "us-ascii");

    private static void Single(ImapWriter w, BodyPart part, bool extended)
    {
        w.String(part.Type).Space().String(part.Subtype).Space();

        // What a text without a charset means (RFC 2045 §5.2) is said, as other servers say it: clients count on it.
        Parameters(w, part.Type == "text" && part.Charset is null ? [.. part.Parameters ?? [], UsAscii] : part.Parameters);
        Text(w, part.ContentId);
        Text(w, part.Description);
        w.Space().String(EncodedWords.Encode(part.Encoding)).Space().Number(part.BodySize);
        if (part.Message is { } message && part.MessageEnvelope is { } envelope)
        {
            w.Space();
            Envelope(w, envelope);
            w.Space();
            Body(w, message, extended);
            w.Space().Number(part.Lines);
        }
        else if (part.Type == "text")
        {
            w.Space().Number(part.Lines);
        }

        if (extended)
        {
            w.Space().NString(part.Md5 is null ? null : EncodedWords.Encode(part.Md5));
            Tail(w, part);
        }
    }

    // [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc …]]]
    private static void Tail(ImapWriter w, BodyPart part)
    {
        w.Space();
        if (part.Disposition is { } disposition)
        {
            w.Byte((byte)'(').String(EncodedWords.Encode(disposition)).Space();
            Parameters(w, part.DispositionParameters);
            w.Byte((byte)')');
        }
        else
        {
            w.Raw("NIL"u8);
        }

        w.Space();
        switch (part.Languages)
        {
            case null or []:
                w.Raw("NIL"u8);
                break;
            case [var one]:
                w.String(EncodedWords.Encode(one));
                break;
            default:
                w.Byte((byte)'(');
                for (var i = 0; i < part.Languages.Count; i++)
                {
                    if (i > 0)
                    {
                        w.Space();
                    }

                    w.String(EncodedWords.Encode(part.Languages[i]));
                }

                w.Byte((byte)')');
                break;
        }

        Text(w, part.Location);
    }

    // body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
    private static void Parameters(ImapWriter w, IReadOnlyList<PartParameter>? parameters)
    {
        if (parameters is null or [])
        {
            w.Raw("NIL"u8);
            return;
        }

        w.Byte((byte)'(');
        for (var i = 0; i < parameters.Count; i++)
        {
            if (i > 0)
            {
                w.Space();
            }

            var (name, value) = parameters[i];
            if (Ascii.IsValid(value))
            {
                w.String(EncodedWords.Encode(name)).Space().String(value);
            }
            else
            {
                w.String(EncodedWords.Encode(name) + "*").Space().String("utf-8''" + Uri.EscapeDataString(EncodedWords.Wellformed(value)));
            }
        }

        w.Byte((byte)')');
    }

    // env-from = "(" 1*address ")" / nil;  address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
    private static void Addresses(ImapWriter w, IReadOnlyList<HeaderAddress>? addresses)
    {
        w.Space();
        if (addresses is null or [])
        {
            w.Raw("NIL"u8);
            return;
        }

        w.Byte((byte)'(');
        foreach (var a in addresses)
        {
            w.Byte((byte)'(');
            if (a.Group is { } group)
            {
                w.Raw("NIL NIL "u8).String(EncodedWords.Encode(group)).Raw(" NIL"u8);
            }
            else if (a.Local is null)
            {
                w.Raw("NIL NIL NIL NIL"u8);
            }
            else
            {
                w.NString(a.Name is null ? null : EncodedWords.Encode(a.Name)).Raw(" NIL "u8);
                w.String(EncodedWords.Encode(a.Local)).Space().String(EncodedWords.Encode(a.Host ?? ""));
            }

            w.Byte((byte)')');
        }

        w.Byte((byte)')');
    }

    private static void Text(ImapWriter w, string? text) => w.Space().NString(text is null ? null : EncodedWords.Encode(text));
}
