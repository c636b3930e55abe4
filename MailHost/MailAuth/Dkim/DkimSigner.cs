using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Signers;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.MailAuth.Dkim;

/// <summary>A key to sign with: RSA or Ed25519.</summary>
internal sealed record SigningKey(string Domain, string Selector, RSA? Rsa, AsymmetricKeyParameter? Ed25519);

/// <summary>
/// Signs the bytes of a message as they are, relaxed/relaxed, without l= (what is appended would be unsigned) and with the headers that
/// matter named once more than they occur, so that none can be added.
/// </summary>
/// <remarks>RFC 6376, Ed25519 RFC 8463.</remarks>
internal static class DkimSigner
{
    private const int MaxHeader = 1024 * 1024;

    // Signed as often as they occur.
    private static readonly string[] Signed =
    [
        "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
        "content-type", "content-transfer-encoding", "list-id", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted",
    ];

    private static readonly string[] Oversigned =
        ["from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"];

    /// <summary>A DKIM-Signature header for each key, each ending in CRLF. The message has CRLF line ends only.</summary>
    public static byte[] Sign(MessageBytes message, IReadOnlyList<SigningKey> keys, DateTimeOffset now)
    {
        var header = ReadHeader(message, out var bodyStart);
        var fields = SplitHeader(header);
        var bodyHash = Convert.ToBase64String(BodyHash(message, bodyStart));
        var names = new List<string>();
        var canonical = new StringBuilder();
        foreach (var name in Signed)
        {
            // From the last to the first occurrence (RFC 6376 §5.4.2).
            for (var i = fields.Count - 1; i >= 0; i--)
            {
                if (fields[i].Name == name)
                {
                    names.Add(name);
                    canonical.Append(Relax(name, fields[i].Value)).Append("\r\n");
                }
            }

            if (Oversigned.Contains(name))
            {
                names.Add(name);
            }
        }

        var result = new StringBuilder();
        foreach (var key in keys)
        {
            var value = $" v=1; a={(key.Rsa is not null ? "rsa" : "ed25519")}-sha256; c=relaxed/relaxed;\r\n\td={key.Domain}; s={key.Selector};"
                + $" t={now.ToUnixTimeSeconds()};\r\n\th={FoldNames(names)};\r\n\tbh={bodyHash};\r\n\tb=";
            // Header octets are kept one to one in Latin-1.
            var data = SHA256.HashData(Encoding.Latin1.GetBytes(canonical + Relax("dkim-signature", value)));
            var signature = key.Rsa is not null
                ? key.Rsa.SignHash(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                : SignEd25519(key.Ed25519!, data);
            result.Append("DKIM-Signature:").Append(value).Append(Fold(Convert.ToBase64String(signature))).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(result.ToString());
    }

    /// <summary>The value of the one From field; null where there is none or more than one.</summary>
    public static string? From(MessageBytes message)
    {
        var from = SplitHeader(ReadHeader(message, out _)).Where(f => f.Name == "from").Take(2).ToList();
        return from.Count == 1 ? from[0].Value : null;
    }

    private static byte[] SignEd25519(AsymmetricKeyParameter key, byte[] data)
    {
        var signer = new Ed25519Signer();
        signer.Init(forSigning: true, key);
        signer.BlockUpdate(data, 0, data.Length);
        return signer.GenerateSignature();
    }

    private static string ReadHeader(MessageBytes message, out long bodyStart)
    {
        ReadOnlySpan<byte> start;
        if (message.Memory is { } memory)
        {
            start = memory.Span;
        }
        else
        {
            using var stream = message.OpenRead();
            var block = new byte[MaxHeader];
            start = block.AsSpan(0, stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false));
        }

        if (start.StartsWith("\r\n"u8))
        {
            bodyStart = 2;
            return "";
        }

        var end = start.IndexOf("\r\n\r\n"u8);
        bodyStart = end < 0 ? message.Length : end + 4;
        return Encoding.Latin1.GetString(end < 0 ? start : start[..(end + 2)]);
    }

    private static List<(string Name, string Value)> SplitHeader(string header)
    {
        var fields = new List<(string, string)>();
        var at = 0;
        while (at < header.Length)
        {
            var end = at;
            do
            {
                end = header.IndexOf("\r\n", end, StringComparison.Ordinal);
                end = end < 0 ? header.Length : end + 2;
            }
            while (end < header.Length && header[end] is ' ' or '\t');

            var field = header[at..end];
            var colon = field.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                fields.Add((field[..colon].TrimEnd(' ', '\t').ToLowerInvariant(), field[(colon + 1)..]));
            }

            at = end;
        }

        return fields;
    }

    // RFC 6376 §3.4.2
    private static string Relax(string name, string value)
    {
        var b = new StringBuilder(name).Append(':');
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

        return b.ToString();
    }

    // RFC 6376 §3.4.4
    private static byte[] BodyHash(MessageBytes message, long bodyStart)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = message.OpenRead();
        stream.Position = bodyStart;
        var block = new byte[32 * 1024];
        var output = new byte[block.Length + 2];
        var length = 0;
        var lines = 0L;
        var space = false;
        var any = false;
        void Emit(byte b)
        {
            if (length == output.Length)
            {
                hash.AppendData(output, 0, length);
                length = 0;
            }

            output[length++] = b;
        }

        for (int n; (n = stream.Read(block)) > 0;)
        {
            foreach (var b in block.AsSpan(0, n))
            {
                switch (b)
                {
                    case (byte)'\r':
                        break;
                    case (byte)'\n':
                        space = false;
                        lines++;
                        break;
                    case (byte)' ' or (byte)'\t':
                        space = true;
                        break;
                    default:
                        for (; lines > 0; lines--)
                        {
                            Emit((byte)'\r');
                            Emit((byte)'\n');
                        }

                        if (space)
                        {
                            Emit((byte)' ');
                        }

                        space = false;
                        any = true;
                        Emit(b);
                        break;
                }
            }
        }

        if (any)
        {
            Emit((byte)'\r');
            Emit((byte)'\n');
        }

        hash.AppendData(output, 0, length);
        return hash.GetHashAndReset();
    }

    private static string FoldNames(List<string> names)
    {
        var b = new StringBuilder();
        var column = 10;
        for (var i = 0; i < names.Count; i++)
        {
            if (column + names[i].Length > 72)
            {
                b.Append("\r\n\t ");
                column = 9;
            }

            b.Append(names[i]);
            column += names[i].Length + 1;
            if (i < names.Count - 1)
            {
                b.Append(':');
            }
        }

        return b.ToString();
    }

    private static string Fold(string base64)
    {
        var b = new StringBuilder();
        for (var i = 0; i < base64.Length; i += 70)
        {
            if (i > 0)
            {
                b.Append("\r\n\t ");
            }

            b.Append(base64, i, Math.Min(70, base64.Length - i));
        }

        return b.ToString();
    }
}
