using System.IO.MemoryMappedFiles;
using System.Text;

namespace SaaS.Domain.Messages;

/// <summary>Limits of one parse; the defaults are what a stranger's message may cost.</summary>
public sealed record ParseLimits
{
    public int MaxParts { get; init; } = 1000;
    public int MaxDepth { get; init; } = 100;
    /// <summary>Octets of one header block; what is behind them is body.</summary>
    public int MaxHeaderBytes { get; init; } = 10 * 1024 * 1024;
    /// <summary>Octets of all header blocks together.</summary>
    public int MaxAllHeaderBytes { get; init; } = 50 * 1024 * 1024;
    /// <summary>Octets of one header field that are looked into.</summary>
    public int MaxFieldBytes { get; init; } = 64 * 1024;
    public int MaxAddresses { get; init; } = 10_000;
    public int MaxParameters { get; init; } = 50;
}

/// <summary>Reads a message once, bounded. Never throws for what a message contains: what cannot be understood is shown as best it can be.</summary>
public static class MessageParser
{
    private static readonly ParseLimits Defaults = new();

    static MessageParser() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static ParsedMessage Parse(MessageBytes message, ParseLimits? limits = null)
    {
        if (message.Memory is { } memory)
        {
            return Parse(memory, limits);
        }

        // A spooled message is mapped, not read: its pages belong to the file cache and not to this process.
        using var stream = (FileStream)message.OpenRead();
        using var map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using var view = map.CreateViewAccessor(0, message.Length, MemoryMappedFileAccess.Read);
        unsafe
        {
            byte* pointer = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            try
            {
                return Parse(new ReadOnlySpan<byte>(pointer, checked((int)message.Length)), limits ?? Defaults);
            }
            finally
            {
                view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
        }
    }

    public static ParsedMessage Parse(ReadOnlyMemory<byte> message, ParseLimits? limits = null) => Parse(message.Span, limits ?? Defaults);

    private static ParsedMessage Parse(ReadOnlySpan<byte> raw, ParseLimits limits)
    {
        var scanner = new MimeScanner(raw, limits);
        var root = scanner.Scan();
        var envelope = EnvelopeReader.Read(raw, scanner.RootFields, limits);
        var text = TextExtractor.Preview(raw, root);
        return new ParsedMessage
        {
            Envelope = envelope,
            Structure = root,
            Preview = text,
            HasAttachment = HasAttachment(root, inRelated: false, depth: 0),
            HeaderSize = root.BodyOffset,
            Size = raw.Length,
            SentAt = EnvelopeReader.Date(envelope.Date),
            ReceivedCount = scanner.ReceivedCount,
            BaseSubject = BaseSubject.Of(envelope.Subject ?? ""),
            Truncated = scanner.Truncated,
        };
    }

    /// <summary>The text to index: decoded text parts (HTML without its tags), at most <paramref name="maxChars"/> characters, no NUL.</summary>
    public static string ExtractText(Stream raw, BodyPart structure, int maxChars) => TextExtractor.Extract(raw, structure, maxChars);

    private static bool HasAttachment(BodyPart part, bool inRelated, int depth)
    {
        if (part.Parts is { } parts)
        {
            foreach (var child in parts)
            {
                if (HasAttachment(child, part.Subtype == "related", depth + 1))
                {
                    return true;
                }
            }

            return false;
        }

        if (part.Disposition == "attachment")
        {
            return part.Subtype is not ("pgp-signature" or "pkcs7-signature" or "x-pkcs7-signature");
        }

        if (part.Type == "text" || (inRelated && part.ContentId is not null) || part.Subtype is "pgp-signature" or "pkcs7-signature" or "x-pkcs7-signature")
        {
            return part.Type == "text" && depth > 0 && part.FileName is not null && part.Disposition != "inline";
        }

        return depth > 0 || part.Type != "message";
    }
}
