using System.Globalization;
using System.Text;
using SaaS.Domain.Messages;
using SaaS.MailHost.MailAuth.Dkim;

namespace SaaS.MailHost.MailAuth.Arc;

/// <summary>Adds our own set to a message that we hand on, so that the next host can see what was proven here.</summary>
/// <remarks>RFC 8617 §5.1.</remarks>
internal static class ArcSealer
{
    private static readonly string[] Signed =
    [
        "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
        "content-type", "content-transfer-encoding", "list-id", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted", "dkim-signature",
    ];

    /// <param name="message">As it will be sent, CRLF line ends only.</param>
    /// <param name="results">Value of our Authentication-Results, authserv-id first.</param>
    /// <param name="validation">What our own validation said of the chain: none, pass or fail.</param>
    /// <param name="key">RSA, which all validators know.</param>
    /// <param name="now">For t=.</param>
    /// <param name="signed">Fields to sign; null: those that matter.</param>
    /// <returns>Three fields that go in front; null where nothing may be added: the chain failed before, or is too long.</returns>
    public static string? Seal(
        MessageBytes message, string results, AuthResult validation, SigningKey key, DateTimeOffset now, IReadOnlyList<string>? signed = null)
    {
        var header = MessageHeader.Read(message);
        var chain = ArcChain.Read(header);
        var instance = chain.Highest + 1;
        // RFC 8617 §5.1: nobody seals on after cv=fail.
        if (instance > ArcChain.MaxInstances || header.All("arc-seal").Any(f => TagList.TryParse(f.Value, out var t) && t["cv"] == "fail"))
        {
            return null;
        }

        var failed = validation == AuthResult.Fail || chain.Fault is not null;
        var names = new List<string>();
        foreach (var name in signed ?? Signed)
        {
            names.AddRange(Enumerable.Repeat(name, signed is null ? Math.Min(header.All(name).Count(), 50) : 1));
        }

        var time = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var algorithm = key.Rsa is not null ? "rsa-sha256" : "ed25519-sha256";
        var own = string.Create(CultureInfo.InvariantCulture, $" i={instance}; a={algorithm};");
        var aar = Field("ARC-Authentication-Results", string.Create(CultureInfo.InvariantCulture, $" i={instance}; {results}"));
        var ams = $"{own} c=relaxed/relaxed;\r\n\td={key.Domain}; s={key.Selector}; t={time};\r\n\th={DkimSigner.FoldNames(names)};"
            + $"\r\n\tbh={DkimSigner.HashBody(message, header)};\r\n\tb=";
        var data = new StringBuilder();
        Canonical.AppendSigned(data, header, names, relaxed: true);
        Canonical.AppendRelaxed(data, "arc-message-signature", ams);
        var signature = Field("ARC-Message-Signature", ams + DkimSigner.Fold(DkimSigner.SignData(key, data.ToString())));

        var cv = failed ? "fail" : chain.Sets.Count == 0 ? "none" : "pass";
        var value = $"{own} cv={cv};\r\n\td={key.Domain}; s={key.Selector}; t={time};\r\n\tb=";
        var seal = Field("ARC-Seal", value);
        // RFC 8617 §5.1.1: a failed chain's seal covers its own set alone.
        if (!TagList.TryParse(value, out var tags))
        {
            return null;
        }

        var sealed_ = ArcVerifier.SealedBy(failed ? [] : chain.Sets, new ArcSet(instance, aar, signature, seal, tags));
        return $"{seal.Raw}{DkimSigner.Fold(DkimSigner.SignData(key, sealed_))}\r\n{signature.Raw}\r\n{aar.Raw}\r\n";
    }

    private static MessageField Field(string name, string value) => new(name.ToLowerInvariant(), $"{name}:{value}", name.Length);
}
