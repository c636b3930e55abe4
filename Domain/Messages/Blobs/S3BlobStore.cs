using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Domain.Messages.Blobs;

/// <summary>Section Blobs:S3. Without a Bucket, blobs stand in PostgreSQL.</summary>
public sealed class S3Options
{
    /// <summary>Such as http://minio:9000; empty for Amazon itself.</summary>
    public string? ServiceUrl { get; set; }
    [Required]
    public string Bucket { get; set; } = "";
    public string Region { get; set; } = "us-east-1";
    public string? AccessKey { get; set; }
    public string? SecretKey { get; set; }
}

/// <summary>Any S3-compatible service; the `blob` table still says what is there, for collection.</summary>
public sealed class S3BlobStore(S3Options options, NpgsqlDataSource source, TimeProvider clock) : IBlobStore, IDisposable
{
    private readonly AmazonS3Client _client = new(
        new BasicAWSCredentials(options.AccessKey, options.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = options.ServiceUrl,
            ForcePathStyle = true,
            AuthenticationRegion = options.Region,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });

    public async Task<byte[]> PutAsync(TenantId tenant, MessageBytes bytes, CancellationToken ct)
    {
        byte[] hash;
        await using (var stream = bytes.OpenRead())
        {
            hash = await SHA256.HashDataAsync(stream, ct);
        }

        // The row first: an object without a row would never be collected, a row without an object is written again below.
        await using (var command = source.CreateCommand("""
            INSERT INTO blob (tenant_id, hash, size, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tenant_id, hash) DO UPDATE SET condemned_at = NULL
            """))
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = bytes.Length });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            await command.ExecuteNonQueryAsync(ct);
        }

        if (!await ExistsAsync(tenant, hash, ct))
        {
            await using var stream = bytes.OpenRead();
            await _client.PutObjectAsync(
                new PutObjectRequest { BucketName = options.Bucket, Key = Key(tenant, hash), InputStream = stream, AutoCloseStream = false }, ct);
        }

        return hash;
    }

    public async Task<Stream?> OpenAsync(TenantId tenant, byte[] hash, CancellationToken ct)
    {
        try
        {
            var response = await _client.GetObjectAsync(options.Bucket, Key(tenant, hash), ct);
            return response.ResponseStream;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task DeleteAsync(TenantId tenant, byte[] hash, CancellationToken ct)
    {
        await _client.DeleteObjectAsync(options.Bucket, Key(tenant, hash), ct);
        await using var command = source.CreateCommand("DELETE FROM blob WHERE tenant_id = $1 AND hash = $2");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        await command.ExecuteNonQueryAsync(ct);
    }

    public void Dispose() => _client.Dispose();

    private async Task<bool> ExistsAsync(TenantId tenant, byte[] hash, CancellationToken ct)
    {
        try
        {
            await _client.GetObjectMetadataAsync(options.Bucket, Key(tenant, hash), ct);
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private static string Key(TenantId tenant, byte[] hash) => $"{tenant}/{Convert.ToHexStringLower(hash)}";
}
