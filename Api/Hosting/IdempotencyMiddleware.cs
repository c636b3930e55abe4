using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;
using SaaS.Domain.Common;

namespace SaaS.Api.Hosting;

/// <summary>Marks an endpoint that makes something: Idempotency-Key makes a repeat safe.</summary>
[AttributeUsage(AttributeTargets.All)]
internal sealed class CreatesAttribute : Attribute;

/// <summary>
/// A create that carries an Idempotency-Key is done once: a repeat gets the first answer, another request under the same key is refused,
/// and one that comes while the first still runs is asked to wait. Kept for 24 hours.
/// </summary>
internal sealed class IdempotencyMiddleware(RequestDelegate next, NpgsqlDataSource source, TimeProvider clock)
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(1);

    public async Task InvokeAsync(HttpContext context, CurrentUser user)
    {
        if (context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)
            && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = Listening.MaxRestBody;
        }

        var key = context.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0 || context.GetEndpoint()?.Metadata.GetMetadata<CreatesAttribute>() is null)
        {
            await next(context);
            return;
        }

        if (key.Length > 200)
        {
            await context.Refused(Refusal.Invalid("Idempotency-Key", "At most 200 characters.")).ExecuteAsync(context);
            return;
        }

        var owner = $"{user.ClientId} {user.Login}";
        var hash = await HashAsync(context.Request, context.RequestAborted);
        if (!await ClaimAsync(owner, key, hash, context.RequestAborted))
        {
            await RepeatAsync(context, owner, key, hash);
            return;
        }

        await RunAsync(context, owner, key);
    }

    private async Task RunAsync(HttpContext context, string owner, string key)
    {
        var real = context.Response.Body;
        using var copy = new MemoryStream();
        context.Response.Body = copy;
        var status = 0;
        try
        {
            await next(context);
            status = context.Response.StatusCode;
        }
        finally
        {
            context.Response.Body = real;
            if (status is 0 or >= 500 or 429 or 401 or 403)
            {
                await ForgetAsync(owner, key);
            }
            else
            {
                await KeepAsync(owner, key, status, Encoding.UTF8.GetString(copy.ToArray()), context.Response.Headers.Location.ToString());
            }
        }

        copy.Position = 0;
        await copy.CopyToAsync(real, context.RequestAborted);
    }

    private async Task RepeatAsync(HttpContext context, string owner, string key, byte[] hash)
    {
        await using var command = source.CreateCommand(
            "SELECT request_hash, status, body, location FROM idempotency_key WHERE owner = $1 AND key = $2");
        command.Parameters.AddWithValue(owner);
        command.Parameters.AddWithValue(key);
        await using var reader = await command.ExecuteReaderAsync(context.RequestAborted);
        if (!await reader.ReadAsync(context.RequestAborted) || reader.GetInt32(1) == 0)
        {
            context.Response.Headers.RetryAfter = "1";
            await context.Refused(new Refusal(RefusalReason.Conflict, "The first request with this key still runs.")).ExecuteAsync(context);
            return;
        }

        if (!CryptographicOperations.FixedTimeEquals(reader.GetFieldValue<byte[]>(0), hash))
        {
            await context.Refused(Refusal.Invalid("Idempotency-Key", "This key was used for another request.")).ExecuteAsync(context);
            return;
        }

        var status = reader.GetInt32(1);
        context.Response.StatusCode = status;
        context.Response.ContentType = status < 300 ? "application/json; charset=utf-8" : "application/problem+json";
        context.Response.Headers["Idempotency-Replayed"] = "true";
        if (!reader.IsDBNull(3) && reader.GetString(3) is { Length: > 0 } location)
        {
            context.Response.Headers.Location = location;
        }

        await context.Response.WriteAsync(reader.IsDBNull(2) ? "" : reader.GetString(2), context.RequestAborted);
    }

    /// <summary>True: this request is the first, or the first one died on the way.</summary>
    private async Task<bool> ClaimAsync(string owner, string key, byte[] hash, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            INSERT INTO idempotency_key (owner, key, request_hash, status, created_at) VALUES ($1, $2, $3, 0, $4)
            ON CONFLICT (owner, key) DO UPDATE SET request_hash = $3, status = 0, created_at = $4
            WHERE (idempotency_key.status = 0 AND idempotency_key.created_at < $5) OR idempotency_key.created_at < $6
            """);
        command.Parameters.AddWithValue(owner);
        command.Parameters.AddWithValue(key);
        command.Parameters.AddWithValue(hash);
        var now = clock.GetUtcNow();
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(now - Abandoned);
        command.Parameters.AddWithValue(now - TimeSpan.FromHours(24));
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    private async Task KeepAsync(string owner, string key, int status, string body, string location)
    {
        await using var command = source.CreateCommand(
            "UPDATE idempotency_key SET status = $3, body = $4, location = $5 WHERE owner = $1 AND key = $2");
        command.Parameters.AddWithValue(owner);
        command.Parameters.AddWithValue(key);
        command.Parameters.AddWithValue(status);
        command.Parameters.AddWithValue(body);
        command.Parameters.AddWithValue(location);
        await command.ExecuteNonQueryAsync();
    }

    private async Task ForgetAsync(string owner, string key)
    {
        await using var command = source.CreateCommand("DELETE FROM idempotency_key WHERE owner = $1 AND key = $2");
        command.Parameters.AddWithValue(owner);
        command.Parameters.AddWithValue(key);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<byte[]> HashAsync(HttpRequest request, CancellationToken ct)
    {
        request.EnableBuffering(bufferThreshold: 1 << 16, bufferLimit: Listening.MaxRestBody);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}\n"));
        var buffer = new byte[8192];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, ct)) > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }
}
