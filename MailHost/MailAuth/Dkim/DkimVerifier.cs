using System.Text;
using SaaS.Domain.Dns;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.MailAuth.Dkim;

/// <summary>What one signature proves.</summary>
/// <param name="Partial">l= leaves out a part of the body: anything may have been appended (it counts for nothing in DMARC).</param>
/// <param name="Testing">The domain only tries DKIM out.</param>
/// <param name="Bits">Of the key; 0: none was found.</param>
/// <param name="SignatureStart">The first octets of b=, by which reports tell signatures apart (RFC 6008).</param>
internal sealed record DkimResult(
    AuthResult Result, string Domain, string Selector, string Identity, string Algorithm, string? Reason, bool Partial, bool Testing, int Bits,
    string SignatureStart);

/// <summary>Verifies the signatures of a message: one reading of the body for all of them, one look-up for each key.</summary>
/// <remarks>RFC 6376 §6.1, RFC 8463, RFC 8301.</remarks>
internal sealed class DkimVerifier(IDnsResolver dns, TimeProvider clock)
{
    /// <summary>More are not looked at: whoever adds hundreds wants our time.</summary>
    public const int MaxSignatures = 10;

    private readonly Dictionary<(string Selector, string Domain), DkimKeyRecord> _keys = [];

    public async Task<IReadOnlyList<DkimResult>> VerifyAsync(MessageBytes message, MessageHeader header, CancellationToken ct)
    {
        var signatures = header.All("dkim-signature").Take(MaxSignatures).Select(f => DkimSignature.Parse(f, arc: false)).ToList();
        var results = new List<DkimResult>(signatures.Count);
        using var bodies = new BodyHashes(message, header, signatures);
        foreach (var signature in signatures)
        {
            var (result, reason, key) = await VerifyAsync(signature, header, bodies, ct);
            results.Add(new DkimResult(
                result, signature.Domain, signature.Selector, signature.Identity, signature.Algorithm, reason, bodies.IsPartial(signature),
                key?.Testing ?? false, key?.Bits ?? 0, Start(signature.Signature)));
        }

        return results;
    }

    /// <summary>One signature, DKIM's or an ARC-Message-Signature.</summary>
    public async Task<(AuthResult Result, string? Reason, DkimKeyRecord? Key)> VerifyAsync(
        DkimSignature signature, MessageHeader header, BodyHashes bodies, CancellationToken ct)
    {
        if (signature.Fault is { } fault)
        {
            return (signature.FaultResult, fault, null);
        }

        if (signature.Expires < clock.GetUtcNow())
        {
            return (AuthResult.Fail, "signature expired", null);
        }

        var key = await KeyAsync(signature.Selector, signature.Domain, ct);
        if (key.Status != AuthResult.Pass)
        {
            return (key.Status, key.Reason, key);
        }

        if (key.Ed25519 != (signature.Algorithm == "ed25519-sha256") || key.Hashes is { } hashes && !hashes.Contains("sha256"))
        {
            return (AuthResult.PermError, "the key is for another algorithm", key);
        }

        if (key.Strict && !signature.Identity.EndsWith("@" + signature.Domain, StringComparison.OrdinalIgnoreCase))
        {
            return (AuthResult.PermError, "i= is not the domain of the key", key);
        }

        if (bodies.Fault(signature) is { } wrong)
        {
            return (AuthResult.Fail, wrong, key);
        }

        var data = new StringBuilder();
        Canonical.AppendSigned(data, header, signature.Names, signature.RelaxedHeader);
        Canonical.AppendUnsigned(data, signature.Field, signature.RelaxedHeader);
        return !key.Verifies(data.ToString(), signature.Signature) ? (AuthResult.Fail, "signature did not verify", key)
            : key.IsWeak ? (AuthResult.Policy, $"the key has only {key.Bits} bits", key)
            : (AuthResult.Pass, null, key);
    }

    public async ValueTask<DkimKeyRecord> KeyAsync(string selector, string domain, CancellationToken ct)
    {
        if (!_keys.TryGetValue((selector, domain), out var key))
        {
            _keys[(selector, domain)] = key = await DkimKeyRecord.FindAsync(dns, selector, domain, ct);
        }

        return key;
    }

    private static string Start(byte[] signature) => Convert.ToBase64String(signature.AsSpan(0, Math.Min(6, signature.Length)));
}
