using System.Globalization;

namespace SaaS.MailHost.MailAuth.Dkim;

/// <summary>A DKIM-Signature or ARC-Message-Signature field, read.</summary>
/// <remarks>RFC 6376 §3.5; ARC without v= and with i= as a number, RFC 8617 §4.1.2.</remarks>
internal sealed record DkimSignature
{
    private const int MaxField = 32 * 1024;
    private const int MaxNames = 1000;

    public required MessageField Field { get; init; }
    /// <summary>As written, in lower case.</summary>
    public string Domain { get; init; } = "";
    public string Selector { get; init; } = "";
    public string Algorithm { get; init; } = "";
    /// <summary>i=, or @domain.</summary>
    public string Identity { get; init; } = "";
    public IReadOnlyList<string> Names { get; init; } = [];
    public bool RelaxedHeader { get; init; }
    public bool RelaxedBody { get; init; }
    public long? BodyLimit { get; init; }
    public byte[] BodyHash { get; init; } = [];
    public byte[] Signature { get; init; } = [];
    public DateTimeOffset? Signed { get; init; }
    public DateTimeOffset? Expires { get; init; }
    /// <summary>Why it cannot be verified; null: nothing is wrong so far.</summary>
    public string? Fault { get; init; }
    /// <summary>Of the fault.</summary>
    public AuthResult FaultResult { get; init; }

    public static DkimSignature Parse(MessageField field, bool arc)
    {
        if (field.Raw.Length > MaxField || !TagList.TryParse(field.Value, out var tags))
        {
            return new DkimSignature { Field = field, Fault = "the signature is not in the grammar", FaultResult = AuthResult.Neutral };
        }

        var domain = tags["d"]?.ToLowerInvariant() ?? "";
        var names = tags.Compact("h")?.ToLowerInvariant().Split(':') ?? [];
        var canonical = (tags.Compact("c") ?? "simple/simple").ToLowerInvariant().Split('/');
        var identity = tags["i"] is { } i && !arc ? i : $"@{domain}";
        var result = new DkimSignature
        {
            Field = field,
            Domain = domain,
            Selector = tags["s"]?.ToLowerInvariant() ?? "",
            Algorithm = tags["a"]?.ToLowerInvariant() ?? "",
            Identity = identity,
            Names = names,
            RelaxedHeader = canonical[0] == "relaxed",
            RelaxedBody = canonical.Length > 1 && canonical[1] == "relaxed",
            BodyLimit = Number(tags["l"]),
            BodyHash = Base64(tags.Compact("bh")),
            Signature = Base64(tags.Compact("b")),
            Signed = Time(tags["t"]),
            Expires = Time(tags["x"]),
        };
        DkimSignature Bad(string fault, AuthResult as_ = AuthResult.Neutral) => result with { Fault = fault, FaultResult = as_ };
        foreach (var needed in (string[])(arc ? ["a", "b", "bh", "d", "h", "s"] : ["v", "a", "b", "bh", "d", "h", "s"]))
        {
            if (string.IsNullOrEmpty(tags[needed]))
            {
                return Bad($"{needed}= is missing", AuthResult.PermError);
            }
        }

        return !arc && tags["v"] != "1" ? Bad("another version")
            : !IsDomain(domain) || !IsDomain($"{result.Selector}.x") ? Bad("d= or s= is no domain")
            : names.Length > MaxNames || names.Any(n => n.Length == 0) ? Bad("h= is not in the grammar")
            : !names.Contains("from") ? Bad("From is not signed", AuthResult.PermError)
            : arc && names.Contains("arc-seal") ? Bad("ARC-Seal is signed")
            : result.Algorithm == "rsa-sha1" ? Bad("rsa-sha1 proves nothing", AuthResult.PermError) // RFC 8301 §3.1
            : result.Algorithm is not ("rsa-sha256" or "ed25519-sha256") ? Bad("an algorithm that we do not know")
            : canonical.Length > 2 || canonical.Any(c => c is not ("simple" or "relaxed")) ? Bad("a canonicalization that we do not know")
            : (tags["q"] is { } q && !q.Split(':').Any(m => m.Trim().Equals("dns/txt", StringComparison.OrdinalIgnoreCase))) ? Bad("keys are not in DNS")
            : result.BodyHash.Length != 32 || result.Signature.Length == 0 ? Bad("bh= or b= is no base64")
            : tags.Has("l") && result.BodyLimit is null ? Bad("l= is no number")
            : (tags.Has("t") && result.Signed is null) || (tags.Has("x") && result.Expires is null) ? Bad("t= or x= is no time")
            : result.Expires < result.Signed ? Bad("it expired before it was made")
            : !IsWithin(identity[(identity.LastIndexOf('@') + 1)..], domain) || !identity.Contains('@', StringComparison.Ordinal)
                ? Bad("i= is not within d=", AuthResult.PermError)
            : result;
    }

    public static bool IsWithin(string name, string domain) =>
        name.Equals(domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);

    private static bool IsDomain(string name) =>
        name.Length is > 2 and <= 253 && name.Split('.').All(l => l.Length is > 0 and <= 63)
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') && name.Contains('.', StringComparison.Ordinal);

    private static byte[] Base64(string? text)
    {
        var bytes = new byte[text?.Length ?? 0];
        return text is { Length: <= 8192 } && Convert.TryFromBase64String(text, bytes, out var n) ? bytes[..n] : [];
    }

    private static long? Number(string? text) =>
        text is { Length: > 0 and <= 18 } && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    // Up to 12 digits (RFC 6376 §3.5): far beyond the calendar.
    private static DateTimeOffset? Time(string? text) =>
        Number(text) is { } n and <= 999_999_999_999 ? DateTimeOffset.FromUnixTimeSeconds(Math.Min(n, 253_402_300_799)) : null;
}
