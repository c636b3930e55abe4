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
        var header = MessageHeader.Read(message);
        var fields = header.Fields;
        var bodyHash = HashBody(message, header);
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
                    Canonical.Append(canonical, fields[i], relaxed: true);
                    canonical.Append("\r\n");
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
            var data = new StringBuilder().Append(canonical);
            Canonical.AppendRelaxed(data, "dkim-signature", value);
            result.Append("DKIM-Signature:").Append(value).Append(Fold(SignData(key, data.ToString()))).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(result.ToString());
    }

    /// <summary>The value of the one From field; null where there is none or more than one.</summary>
    public static string? From(MessageBytes message)
    {
        var from = MessageHeader.Read(message).All("from").Take(2).ToList();
        return from.Count == 1 ? from[0].Value : null;
    }

    /// <summary>Base64 of the body's hash, relaxed.</summary>
    public static string HashBody(MessageBytes message, MessageHeader header)
    {
        using var hash = new BodyHash(relaxed: true, limit: null);
        BodyHash.Read(message, header.BodyStart, [hash]);
        return Convert.ToBase64String(hash.Finish());
    }

    /// <summary>Base64 of the signature over canonical header octets, which are kept one to one in Latin-1.</summary>
    public static string SignData(SigningKey key, string data)
    {
        var hash = SHA256.HashData(Encoding.Latin1.GetBytes(data));
        return Convert.ToBase64String(key.Rsa is not null
            ? key.Rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : SignEd25519(key.Ed25519!, hash));
    }

    private static byte[] SignEd25519(AsymmetricKeyParameter key, byte[] data)
    {
        var signer = new Ed25519Signer();
        signer.Init(forSigning: true, key);
        signer.BlockUpdate(data, 0, data.Length);
        return signer.GenerateSignature();
    }

    public static string FoldNames(IReadOnlyList<string> names)
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

    public static string Fold(string base64)
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
