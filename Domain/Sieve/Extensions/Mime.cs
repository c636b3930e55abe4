using System.Text;
using MimeKit;
using SaaS.Domain.Messages;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>foreverypart, break, extracttext, replace and enclose.</summary>
/// <remarks>RFC 5703 §3, §5, §6, §7. The :mime tests stand with header, address and exists.</remarks>
internal static class Mime
{
    private const int MaxLoops = 4;

    public static SieveStep ForEveryPart(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command, new TagSpec("name", TagValue.Text));
        var name = arguments.TagText("name")?.Constant;
        arguments.End();
        if (compiler.PartLoops.Count >= MaxLoops)
        {
            throw arguments.Wrong($"loops can stand {MaxLoops} deep");
        }

        var depth = compiler.PartLoops.Count;
        compiler.PartLoops.Push(name);
        var block = compiler.Block(command.Block!);
        compiler.PartLoops.Pop();
        return m =>
        {
            // A loop in a loop goes over the parts below the outer one's.
            var outer = m.Parts.Count > 0 ? m.Parts.Peek() : null;
            var parts = outer is null ? WithChildren(m.Content.Root) : WithChildren(outer).Skip(1);
            foreach (var part in (BodyPart[])[.. parts])
            {
                m.Spend();
                m.Parts.Push(part);
                m.Run(block);
                m.Parts.Pop();
                if (m.Breaking == depth)
                {
                    m.Breaking = null;
                    return;
                }

                if (m.Leaving)
                {
                    return;
                }
            }
        };
    }

    public static SieveStep Break(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command, new TagSpec("name", TagValue.Text));
        var name = arguments.TagText("name")?.Constant;
        arguments.End();
        var loops = compiler.PartLoops.Reverse().ToArray();
        var index = name is null ? loops.Length - 1 : Array.LastIndexOf(loops, name);
        return index < 0
            ? throw arguments.Wrong(name is null ? "stands in no loop" : $"there is no loop \"{name}\" around it")
            : m => m.Breaking = index;
    }

    public static SieveStep ExtractText(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command, [.. Variables.Modifiers, new("first", TagValue.Number)]);
        var modify = Variables.Modifier(arguments);
        var first = arguments.TagNumber("first");
        if (!compiler.Has("variables"))
        {
            throw arguments.Wrong("needs require \"variables\"");
        }

        if (compiler.PartLoops.Count == 0)
        {
            throw arguments.Wrong("stands in no foreverypart loop");
        }

        var name = Variables.Name(arguments, arguments.Text("the variable"), allowNamespace: true);
        arguments.End();
        return m =>
        {
            var part = m.Parts.Count > 0 ? m.Parts.Peek() : m.Content.Root;
            var text = part.Type == "text" ? m.DecodedText(part) : "";
            if (first is { } n && n < text.Length)
            {
                text = text[..(int)n];
            }

            m.SetVariable(name, modify(text));
        };
    }

    public static SieveStep Replace(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(
            compiler, command, new TagSpec("mime"), new TagSpec("subject", TagValue.Text), new TagSpec("from", TagValue.Text));
        var mime = arguments.Has("mime");
        var subject = arguments.TagText("subject");
        var from = arguments.TagText("from");
        var text = arguments.Text("the replacement");
        arguments.End();
        return m =>
        {
            var part = m.Parts.Count > 0 ? m.Parts.Peek() : m.Content.Root;
            var content = m.Content;
            if (ReferenceEquals(part, content.Root))
            {
                // :subject and :from hold where the whole message is replaced; the old ones stay to be seen (RFC 5703 §5).
                content = content.WithFields(Fields(content.Fields, subject?.Get(m), from?.Get(m)));
            }

            m.Content = content.WithPart(part, Entity(text.Get(m), mime));
        };
    }

    public static SieveStep Enclose(SieveCompiler compiler, SyntaxCommand command)
    {
        var arguments = new SieveArguments(compiler, command, new TagSpec("subject", TagValue.Text), new TagSpec("headers", TagValue.Texts));
        var subject = arguments.TagText("subject");
        var headers = arguments.TagTexts("headers") ?? [];
        var text = arguments.Text("the text");
        arguments.End();
        return m =>
        {
            using var inner = m.Content.Render(forSending: false);
            var boundary = $"enclosed-{Guid.NewGuid():N}";
            var b = new StringBuilder();
            string[] copied = ["Return-Path", "Delivered-To", "Received", "From", "To", "Cc", "Date", "Sender", "Reply-To", "References", "Auto-Submitted"];
            foreach (var field in m.Content.Fields.Where(f => Array.Exists(copied, f.Is)))
            {
                b.Append(field);
            }

            var title = subject?.Get(m) ?? m.Content.Fields.FirstOrDefault(f => f.Is("Subject"))?.Text ?? "";
            b.Append("Subject:").Append(EditHeader.Fold("Subject", title)).Append("\r\n");
            b.Append("Message-ID: <").Append(Guid.NewGuid().ToString("N")).Append('@').Append(m.Context.HostName).Append(">\r\n");
            foreach (var line in headers.Select(h => h.Get(m)))
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon > 0 && HeaderFields.IsName(line[..colon]))
                {
                    b.Append(line[..colon]).Append(':').Append(EditHeader.Fold(line[..colon], line[(colon + 1)..])).Append("\r\n");
                }
            }

            b.Append("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"").Append(boundary).Append("\"\r\n\r\n--").Append(boundary).Append("\r\n");
            var whole = new MessageBytes();
            whole.Write(Encoding.UTF8.GetBytes(b.ToString()));
            whole.Write(Entity(text.Get(m), mime: false));
            whole.Write(Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\nContent-Type: message/rfc822\r\n\r\n"));
            using (var stream = inner.OpenRead())
            {
                var buffer = new byte[16 * 1024];
                while (stream.Read(buffer) is > 0 and var read)
                {
                    whole.Write(buffer.AsSpan(0, read));
                }
            }

            whole.Write(Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n"));
            m.Content = SieveContent.Replaced(whole);
        };
    }

    /// <summary>The part and all below it, in their order; inside attached messages as well.</summary>
    public static IEnumerable<BodyPart> WithChildren(BodyPart part)
    {
        yield return part;
        foreach (var child in part.Parts ?? (part.Message is { } message ? [message] : []))
        {
            foreach (var below in WithChildren(child))
            {
                yield return below;
            }
        }
    }

    private static List<SieveField> Fields(IReadOnlyList<SieveField> fields, string? subject, string? from)
    {
        List<SieveField> result = [.. fields];
        Set(result, "Subject", subject);
        Set(result, "From", from is not null && Redirects.Parse(from) is not null ? from : null);
        return result;
    }

    private static void Set(List<SieveField> fields, string name, string? value)
    {
        if (value is null)
        {
            return;
        }

        var old = fields.FindIndex(f => f.Is(name));
        if (old >= 0)
        {
            fields[old] = fields[old] with { Name = $"Original-{name}" };
        }

        fields.Insert(Math.Max(old, 0), new SieveField(name, EditHeader.Fold(name, value)));
    }

    /// <summary>A part with its header: the text as text/plain, or as it is with :mime.</summary>
    public static byte[] Entity(string text, bool mime)
    {
        if (mime)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        var part = new TextPart("plain") { Text = text };
        part.ContentTransferEncoding = ContentEncoding.QuotedPrintable;
        using var stream = new MemoryStream();
        part.WriteTo(NewFormat(), stream);
        return stream.ToArray();
    }

    public static FormatOptions NewFormat()
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        return format;
    }
}
