using System.Text;
using SaaS.Domain.Messages;
using SaaS.MailHost.MailAuth.Dkim;

namespace SaaS.MailHost.MailAuth.Arc;

/// <summary>Whether the chain of those who handed the message on holds.</summary>
/// <param name="Sealers">d= of the seals, the latest first.</param>
/// <param name="OldestPass">The lowest instance from which on nothing was changed; 0: nothing was changed at all (RFC 8617 §5.2 step 5).</param>
internal sealed record ArcResult(AuthResult Result, int Instances, IReadOnlyList<string> Sealers, int OldestPass, string? Reason);

/// <remarks>RFC 8617 §5.2.</remarks>
internal sealed class ArcVerifier(DkimVerifier dkim)
{
    public async Task<ArcResult> VerifyAsync(MessageBytes message, MessageHeader header, CancellationToken ct)
    {
        var chain = ArcChain.Read(header);
        if (chain.IsEmpty)
        {
            return new ArcResult(AuthResult.None, 0, [], 0, null);
        }

        string[] sealers = [.. chain.Sets.Reverse().Select(s => s.SealTags["d"]?.ToLowerInvariant() ?? "")];
        ArcResult No(AuthResult result, string? reason) => new(result, chain.Highest, sealers, 0, reason);
        if (chain.Fault is { } fault)
        {
            return No(AuthResult.Fail, fault);
        }

        var signatures = chain.Sets.Select(s => DkimSignature.Parse(s.Signature, arc: true)).ToList();
        using var bodies = new BodyHashes(message, header, signatures);
        var (newest, why, _) = await dkim.VerifyAsync(signatures[^1], header, bodies, ct);
        if (newest != AuthResult.Pass)
        {
            return No(newest == AuthResult.TempError ? newest : AuthResult.Fail, $"message signature i={chain.Highest}: {why}");
        }

        // Where a later hop changed the message, the earlier signatures fail; that is what the seals are for.
        var oldest = chain.Highest;
        for (var i = chain.Highest - 1; i >= 1; i--)
        {
            if ((await dkim.VerifyAsync(signatures[i - 1], header, bodies, ct)).Result != AuthResult.Pass)
            {
                break;
            }

            oldest = i;
        }

        for (var i = chain.Sets.Count; i >= 1; i--)
        {
            var (result, reason) = await VerifySealAsync(chain, i, ct);
            if (result != AuthResult.Pass)
            {
                return No(result, $"seal i={i}: {reason}");
            }
        }

        return new ArcResult(AuthResult.Pass, chain.Highest, sealers, oldest == 1 ? 0 : oldest, null);
    }

    private async Task<(AuthResult Result, string? Reason)> VerifySealAsync(ArcChain chain, int instance, CancellationToken ct)
    {
        var tags = chain.Sets[instance - 1].SealTags;
        if (tags.Has("h") || tags.Has("bh"))
        {
            return (AuthResult.Fail, "h= and bh= do not belong there");
        }

        var (algorithm, b) = (tags["a"]?.ToLowerInvariant(), tags.Compact("b") ?? "");
        var signature = new byte[b.Length];
        if (algorithm is not ("rsa-sha256" or "ed25519-sha256") || b.Length is 0 or > 8192 || !Convert.TryFromBase64String(b, signature, out var length)
            || tags["d"] is not { Length: > 0 } domain || tags["s"] is not { Length: > 0 } selector)
        {
            return (AuthResult.Fail, "not in the grammar");
        }

        var key = await dkim.KeyAsync(selector.ToLowerInvariant(), domain.ToLowerInvariant(), ct);
        if (key.Status != AuthResult.Pass)
        {
            return (key.Status == AuthResult.TempError ? key.Status : AuthResult.Fail, key.Reason);
        }

        return key.Ed25519 != (algorithm == "ed25519-sha256") ? (AuthResult.Fail, "the key is for another algorithm")
            : key.IsWeak ? (AuthResult.Fail, $"the key has only {key.Bits} bits")
            : key.Verifies(SealedBy(chain.Sets.Take(instance - 1), chain.Sets[instance - 1]), signature[..length]) ? (AuthResult.Pass, null)
            : (AuthResult.Fail, "signature did not verify");
    }

    /// <summary>The octets that a seal signs (RFC 8617 §5.1.1): all sets up to its own, relaxed, its own field without b=.</summary>
    public static string SealedBy(IEnumerable<ArcSet> before, ArcSet own)
    {
        var data = new StringBuilder();
        foreach (var set in before)
        {
            foreach (var field in (MessageField[])[set.Results, set.Signature, set.Seal])
            {
                Canonical.Append(data, field, relaxed: true);
                data.Append("\r\n");
            }
        }

        foreach (var field in (MessageField[])[own.Results, own.Signature])
        {
            Canonical.Append(data, field, relaxed: true);
            data.Append("\r\n");
        }

        Canonical.AppendUnsigned(data, own.Seal, relaxed: true);
        return data.ToString();
    }
}
