using System.Security.Cryptography;
using SaaS.Domain.Messages;

namespace SaaS.MailHost.MailAuth.Dkim;

/// <summary>The body hashes that a message's signatures ask for, each kind computed once, all in one reading.</summary>
internal sealed class BodyHashes : IDisposable
{
    private readonly Dictionary<(bool Relaxed, long? Limit), (BodyHash Hash, byte[] Value)> _hashes = [];

    public BodyHashes(MessageBytes message, MessageHeader header, IEnumerable<DkimSignature> signatures)
    {
        foreach (var kind in signatures.Where(s => s.Fault is null).Select(s => (s.RelaxedBody, s.BodyLimit)).Distinct())
        {
            _hashes[kind] = (new BodyHash(kind.RelaxedBody, kind.BodyLimit), []);
        }

        if (_hashes.Count > 0)
        {
            BodyHash.Read(message, header.BodyStart, [.. _hashes.Values.Select(h => h.Hash)]);
            foreach (var (kind, (hash, _)) in _hashes.ToList())
            {
                _hashes[kind] = (hash, hash.Finish());
            }
        }
    }

    public bool IsPartial(DkimSignature signature) =>
        signature.BodyLimit is { } limit && _hashes.TryGetValue((signature.RelaxedBody, limit), out var found) && limit < found.Hash.Length;

    /// <summary>Null: the body is the one that was signed.</summary>
    public string? Fault(DkimSignature signature)
    {
        var (hash, value) = _hashes[(signature.RelaxedBody, signature.BodyLimit)];
        return signature.BodyLimit > hash.Length ? "the body is shorter than l="
            : !CryptographicOperations.FixedTimeEquals(value, signature.BodyHash) ? "body hash did not verify"
            : null;
    }

    public void Dispose()
    {
        foreach (var (hash, _) in _hashes.Values)
        {
            hash.Dispose();
        }
    }
}
