using System.Text.Json;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands.Fetch;

/// <summary>ENVELOPE from the stored JSON of <see cref="MessageEnvelope"/> straight to the wire; the letters are its property names.</summary>
/// <remarks>RFC 9051 §7.5.2.</remarks>
internal static class EnvelopeJson
{
    private const int MaxQuick = 1000;

    // envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")"
    public static void Write(ImapWriter w, ReadOnlySpan<byte> json)
    {
        Span<Range> fields = stackalloc Range[26];
        fields.Clear();
        var r = new Utf8JsonReader(json);
        r.Read();
        while (r.Read() && r.TokenType == JsonTokenType.PropertyName)
        {
            var place = r.ValueSpan is [>= (byte)'a' and <= (byte)'z' and var letter] ? letter - 'a' : -1;
            r.Read();
            var start = (int)r.TokenStartIndex;
            r.Skip();
            if (place >= 0)
            {
                fields[place] = start..(int)r.BytesConsumed;
            }
        }

        w.Byte((byte)'(');
        Text(w, json[fields['d' - 'a']]);
        w.Space();
        Text(w, json[fields['s' - 'a']]);
        var from = json[fields['f' - 'a']];
        Addresses(w, from);
        Addresses(w, json[fields['e' - 'a']] is { IsEmpty: false } sender ? sender : from);
        Addresses(w, json[fields['r' - 'a']] is { IsEmpty: false } replyTo ? replyTo : from);
        Addresses(w, json[fields['t' - 'a']]);
        Addresses(w, json[fields['c' - 'a']]);
        Addresses(w, json[fields['b' - 'a']]);
        w.Space();
        Text(w, json[fields['i' - 'a']]);
        w.Space();
        Text(w, json[fields['m' - 'a']]);
        w.Byte((byte)')');
    }

    private static void Text(ImapWriter w, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            w.Raw("NIL"u8);
            return;
        }

        var r = new Utf8JsonReader(value);
        r.Read();
        String(w, ref r);
    }

    /// <summary>The string that the reader stands on, or NIL.</summary>
    private static void String(ImapWriter w, ref Utf8JsonReader r)
    {
        if (r.TokenType != JsonTokenType.String)
        {
            w.Raw("NIL"u8);
            return;
        }

        if (!r.ValueIsEscaped && IsPlain(r.ValueSpan))
        {
            w.String(r.ValueSpan);
            return;
        }

        if (r.ValueSpan.Length <= MaxQuick)
        {
            Span<byte> buffer = stackalloc byte[MaxQuick];
            var text = buffer[..r.CopyString(buffer)];
            if (IsPlain(text))
            {
                w.String(text);
                return;
            }
        }

        w.String(EncodedWords.Encode(r.GetString()!));
    }

    // env-from = "(" 1*address ")" / nil;  address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
    private static void Addresses(ImapWriter w, ReadOnlySpan<byte> value)
    {
        w.Space();
        var r = new Utf8JsonReader(value.IsEmpty ? "[]"u8 : value);
        r.Read();
        if (r.TokenType != JsonTokenType.StartArray || !r.Read() || r.TokenType != JsonTokenType.StartObject)
        {
            w.Raw("NIL"u8);
            return;
        }

        w.Byte((byte)'(');
        do
        {
            Address(w, ref r);
        }
        while (r.Read() && r.TokenType == JsonTokenType.StartObject);
        w.Byte((byte)')');
    }

    private static void Address(ImapWriter w, ref Utf8JsonReader r)
    {
        // Readers are values: the places of the four are kept as they come.
        Utf8JsonReader name = default, local = default, host = default, group = default;
        while (r.Read() && r.TokenType == JsonTokenType.PropertyName)
        {
            var letter = r.ValueSpan is [var only] ? only : (byte)0;
            r.Read();
            switch (letter)
            {
                case (byte)'n':
                    name = r;
                    break;
                case (byte)'l':
                    local = r;
                    break;
                case (byte)'h':
                    host = r;
                    break;
                case (byte)'g':
                    group = r;
                    break;
                default:
                    r.Skip();
                    break;
            }
        }

        w.Byte((byte)'(');
        if (group.TokenType == JsonTokenType.String)
        {
            // A group's start has only its name, its end nothing.
            w.Raw("NIL NIL "u8);
            String(w, ref group);
            w.Raw(" NIL"u8);
        }
        else if (local.TokenType != JsonTokenType.String)
        {
            w.Raw("NIL NIL NIL NIL"u8);
        }
        else
        {
            String(w, ref name);
            w.Raw(" NIL "u8);
            String(w, ref local);
            w.Space();
            if (host.TokenType == JsonTokenType.String)
            {
                String(w, ref host);
            }
            else
            {
                w.Raw("\"\""u8);
            }
        }

        w.Byte((byte)')');
    }

    private static bool IsPlain(ReadOnlySpan<byte> text) => text.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0;
}
