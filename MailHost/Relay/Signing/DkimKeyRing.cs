using System.Collections.Concurrent;
using System.Security.Cryptography;
using Npgsql;
using Org.BouncyCastle.Security;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;
using SaaS.MailHost.MailAuth.Dkim;

namespace SaaS.MailHost.Relay.Signing;

/// <summary>The active signing keys of a tenant's domains, remembered for half a minute.</summary>
internal sealed class DkimKeyRing(NpgsqlDataSource source, TimeProvider clock)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Domain, long Tenant), (IReadOnlyList<SigningKey> Keys, long At)> _rings = new();

    private readonly ConcurrentDictionary<long, (string? Domain, long At)> _any = new();

    public async ValueTask<IReadOnlyList<SigningKey>> FindAsync(string domain, TenantId tenant, CancellationToken ct)
    {
        if (_rings.TryGetValue((domain, tenant.Value), out var ring) && clock.GetElapsedTime(ring.At) < Remembered)
        {
            return ring.Keys;
        }

        var keys = new List<SigningKey>();
        await using (var connection = await source.OpenConnectionAsync(ct))
        {
            await using var command = new NpgsqlCommand("""
                SELECT k.selector, k.algorithm, k.private_key FROM mail_domain d JOIN dkim_key k ON k.domain_id = d.id
                WHERE d.name = $1 AND d.tenant_id = $2 AND d.state = 1 AND k.state = 1 ORDER BY k.algorithm DESC, k.id
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = domain });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                keys.Add(Read(domain, reader.GetString(0), (DkimAlgorithm)reader.GetInt32(1), reader.GetString(2)));
            }
        }

        if (_rings.Count >= MaxRemembered)
        {
            _rings.Clear();
        }

        _rings[(domain, tenant.Value)] = (keys, clock.GetTimestamp());
        return keys;
    }

    /// <summary>An RSA key of the tenant's oldest domain that has one; null: there is none.</summary>
    public async ValueTask<SigningKey?> FindAnyAsync(TenantId tenant, CancellationToken ct)
    {
        if (!_any.TryGetValue(tenant.Value, out var any) || clock.GetElapsedTime(any.At) >= Remembered)
        {
            await using var command = source.CreateCommand("""
                SELECT d.name FROM mail_domain d JOIN dkim_key k ON k.domain_id = d.id
                WHERE d.tenant_id = $1 AND d.state = 1 AND k.state = 1 AND k.algorithm = 0 ORDER BY d.id LIMIT 1
                """);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
            if (_any.Count >= MaxRemembered)
            {
                _any.Clear();
            }

            _any[tenant.Value] = any = ((string?)await command.ExecuteScalarAsync(ct), clock.GetTimestamp());
        }

        return any.Domain is null ? null : (await FindAsync(any.Domain, tenant, ct)).FirstOrDefault(k => k.Rsa is not null);
    }

    public static SigningKey Read(string domain, string selector, DkimAlgorithm algorithm, string pem)
    {
        if (algorithm == DkimAlgorithm.RsaSha256)
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return new SigningKey(domain, selector, rsa, null);
        }

        var fields = PemEncoding.Find(pem);
        var der = Convert.FromBase64String(pem[fields.Base64Data]);
        return new SigningKey(domain, selector, null, PrivateKeyFactory.CreateKey(der));
    }
}
