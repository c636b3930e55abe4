using System.Text;

namespace SaaS.MailHost.MailAuth.Dkim;

/// <summary>Header canonicalization, and the choice of the fields that a signature covers.</summary>
/// <remarks>RFC 6376 §3.4, §5.4.2.</remarks>
internal static class Canonical
{
    // RFC 6376 §3.4.2, without the line end.
    public static void AppendRelaxed(StringBuilder b, string name, ReadOnlySpan<char> value)
    {
        b.Append(name).Append(':');
        var space = false;
        var any = false;
        foreach (var c in value)
        {
            if (c is ' ' or '\t')
            {
                space = true;
            }
            else if (c is not ('\r' or '\n'))
            {
                if (space && any)
                {
                    b.Append(' ');
                }

                space = false;
                any = true;
                b.Append(c);
            }
        }
    }

    public static void Append(StringBuilder b, MessageField field, bool relaxed)
    {
        if (relaxed)
        {
            AppendRelaxed(b, field.Name, field.Raw.AsSpan(field.Colon + 1));
        }
        else
        {
            b.Append(field.Raw);
        }
    }

    /// <summary>The fields that <paramref name="names"/> name, each name's occurrences from the last to the first; a name without one more is nothing.</summary>
    public static void AppendSigned(StringBuilder b, MessageHeader header, IEnumerable<string> names, bool relaxed)
    {
        var open = new Dictionary<string, Stack<MessageField>>(StringComparer.Ordinal);
        foreach (var field in header.Fields)
        {
            if (!open.TryGetValue(field.Name, out var stack))
            {
                open[field.Name] = stack = new Stack<MessageField>();
            }

            stack.Push(field);
        }

        foreach (var name in names)
        {
            if (open.TryGetValue(name, out var stack) && stack.TryPop(out var field))
            {
                Append(b, field, relaxed);
                b.Append("\r\n");
            }
        }
    }

    /// <summary>The signature's own field with an empty b=, which is what it signs last.</summary>
    public static void AppendUnsigned(StringBuilder b, MessageField signature, bool relaxed)
    {
        var raw = signature.Raw;
        var at = signature.Colon + 1;
        while (at < raw.Length)
        {
            var end = raw.IndexOf(';', at);
            end = end < 0 ? raw.Length : end;
            var equals = raw.IndexOf('=', at, end - at);
            if (equals > 0 && raw.AsSpan(at, equals - at).Trim(" \t\r\n") is "b")
            {
                raw = string.Concat(raw.AsSpan(0, equals + 1), raw.AsSpan(end));
                break;
            }

            at = end + 1;
        }

        Append(b, signature with { Raw = raw }, relaxed);
    }
}
