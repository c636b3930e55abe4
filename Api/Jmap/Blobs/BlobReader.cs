using MimeKit;
using MimeKit.IO;
using MimeKit.IO.Filters;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Blobs;
using SaaS.Domain.Sieve.Scripts;

namespace SaaS.Api.Jmap.Blobs;

/// <summary>Opens the blobs of one account: messages, their parts (decoded), and uploads.</summary>
internal sealed class BlobReader(MailDatabase database, MessageStore store, IBlobStore blobs, SieveScriptService scripts)
{
    /// <summary>Null when the account has no such blob.</summary>
    public async Task<Stream?> OpenAsync(AccountId account, BlobId? id, CancellationToken ct)
    {
        switch (id)
        {
            case BlobId.WholeMessage whole:
                return await store.OpenRawAsync(account, whole.Content, ct);
            case BlobId.MessagePart part:
                return await OpenPartAsync(account, part, ct);
            case BlobId.Script script:
                return await scripts.GetAsync(account, script.Id, ct) is { } stored && stored.ModSeq == script.ModSeq
                    ? new MemoryStream(System.Text.Encoding.UTF8.GetBytes(stored.Content), writable: false) : null;
            case BlobId.Uploaded upload:
                return await FindUploadAsync(account, upload.Bytes, ct) is { } found ? await blobs.OpenAsync(found.Tenant, upload.Bytes, ct) : null;
            default:
                return null;
        }
    }

    /// <summary>The bytes of a blob; null when there is none. Refuses what is larger than <paramref name="max"/>.</summary>
    public async Task<MessageBytes?> ReadAsync(AccountId account, BlobId? id, long max, CancellationToken ct)
    {
        await using var stream = await OpenAsync(account, id, ct);
        if (stream is null)
        {
            return null;
        }

        var bytes = new MessageBytes();
        try
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, ct)) > 0)
            {
                bytes.Write(buffer.AsSpan(0, read));
                if (bytes.Length > max)
                {
                    throw new SetException(SetErrors.Of("tooLarge", $"At most {max} octets."));
                }
            }

            return bytes;
        }
        catch
        {
            await bytes.DisposeAsync();
            throw;
        }
    }

    public async Task<(TenantId Tenant, string ContentType)?> FindUploadAsync(AccountId account, byte[] hash, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new Npgsql.NpgsqlCommand(
            "SELECT tenant_id, content_type FROM upload WHERE account_id = $1 AND hash = $2", connection);
        command.Parameters.Add(new Npgsql.NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new Npgsql.NpgsqlParameter<byte[]> { TypedValue = hash });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (new TenantId(reader.GetInt64(0)), reader.GetString(1)) : null;
    }

    public async Task<TenantId?> TenantAsync(AccountId account, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new Npgsql.NpgsqlCommand("SELECT tenant_id FROM account_state WHERE account_id = $1", connection);
        command.Parameters.Add(new Npgsql.NpgsqlParameter<long> { TypedValue = account.Value });
        return await command.ExecuteScalarAsync(ct) is long id ? new TenantId(id) : null;
    }

    public async Task<byte[]> SaveUploadAsync(
        AccountId account, TenantId tenant, MessageBytes bytes, string contentType, DateTimeOffset now, CancellationToken ct)
    {
        var hash = await blobs.PutAsync(tenant, bytes, ct);
        await using var connection = await database.OpenAsync(account, ct);
        await using var command = new Npgsql.NpgsqlCommand("""
            INSERT INTO upload (account_id, hash, tenant_id, content_type, size, at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (account_id, hash) DO UPDATE SET content_type = excluded.content_type, at = excluded.at
            """, connection);
        command.Parameters.Add(new Npgsql.NpgsqlParameter<long> { TypedValue = account.Value });
        command.Parameters.Add(new Npgsql.NpgsqlParameter<byte[]> { TypedValue = hash });
        command.Parameters.Add(new Npgsql.NpgsqlParameter<long> { TypedValue = tenant.Value });
        command.Parameters.Add(new Npgsql.NpgsqlParameter<string> { TypedValue = contentType });
        command.Parameters.Add(new Npgsql.NpgsqlParameter<long> { TypedValue = bytes.Length });
        command.Parameters.Add(new Npgsql.NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await command.ExecuteNonQueryAsync(ct);
        return hash;
    }

    private async Task<Stream?> OpenPartAsync(AccountId account, BlobId.MessagePart part, CancellationToken ct)
    {
        var raw = await store.OpenRawAsync(account, part.Content, ct);
        if (raw is null)
        {
            return null;
        }

        if (!await SliceStream.SkipAsync(raw, part.Offset, ct))
        {
            await raw.DisposeAsync();
            return null;
        }

        return Decode(new SliceStream(raw, part.Size), part.Encoding);
    }

    public static Stream Decode(Stream encoded, char encoding)
    {
        if (encoding == 'n')
        {
            return encoded;
        }

        var decoded = new FilteredStream(encoded);
        decoded.Add(DecoderFilter.Create(encoding switch
        {
            'b' => ContentEncoding.Base64,
            'q' => ContentEncoding.QuotedPrintable,
            _ => ContentEncoding.UUEncode,
        }));
        return decoded;
    }
}
