using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace SaaS.Domain.Keys;

/// <summary>
/// Encrypts what is secret in the database (AES-256-GCM, bound to the row it stands in), so that a copy of the database alone signs no token. The
/// keys are outside of it: KeyProtection:Keys, or the file that KeyProtection:File names, one base64 key of 32 bytes a line. The first encrypts,
/// all of them decrypt: a key is replaced by putting a new one in front and starting anew. Where neither is set, the file is
/// Data:Path/keys/master.key, made at the first start; further nodes need a copy of it.
/// </summary>
public sealed class KeyProtection(IConfiguration configuration)
{
    private const string Prefix = "enc:1:";

    // Read when first needed: of all processes only Api has to have them.
    private readonly Lazy<(string Source, List<(string Id, byte[] Key)> Keys)> _read = new(() => Read(configuration));

    /// <summary>Where the keys come from, as an operator names it.</summary>
    public string Source => _read.Value.Source;

    private List<(string Id, byte[] Key)> Keys => _read.Value.Keys;

    private static (string Source, List<(string Id, byte[] Key)> Keys) Read(IConfiguration configuration)
    {
        var (source, keys) = ("KeyProtection:Keys", new List<(string, byte[])>());
        var lines = configuration.GetSection("KeyProtection:Keys").Get<string[]>() ?? [];
        if (lines.Length == 0)
        {
            source = configuration["KeyProtection:File"] is { Length: > 0 } file
                ? file
                : Path.Combine(configuration["Data:Path"] is { Length: > 0 } data ? data : ".data", "keys", "master.key");
            lines = ReadOrMake(source, make: configuration["KeyProtection:File"] is not { Length: > 0 });
        }

        foreach (var line in lines.Select(x => x.Trim()).Where(x => x.Length > 0 && x[0] != '#'))
        {
            var key = new byte[32];
            if (!Convert.TryFromBase64String(line, key, out var length) || length != 32)
            {
                throw new InvalidOperationException($"A key in {source} is not 32 bytes of base64 (openssl rand -base64 32).");
            }

            keys.Add((Convert.ToHexStringLower(SHA256.HashData(key))[..8], key));
        }

        return keys.Count == 0 ? throw new InvalidOperationException($"{source} holds no key.") : (source, keys);
    }

    /// <summary>True where it is encrypted under the first key.</summary>
    public bool IsCurrent(string stored) => stored.StartsWith($"{Prefix}{Keys[0].Id}:", StringComparison.Ordinal);

    /// <param name="row">What the value belongs to; it can be read only with the same.</param>
    /// <param name="plain">The secret.</param>
    public string Encrypt(string row, string plain)
    {
        var (id, key) = Keys[0];
        var bytes = Encoding.UTF8.GetBytes(plain);
        var result = new byte[12 + 16 + bytes.Length];
        RandomNumberGenerator.Fill(result.AsSpan(0, 12));
        using var aes = new AesGcm(key, 16);
        aes.Encrypt(result.AsSpan(0, 12), bytes, result.AsSpan(28), result.AsSpan(12, 16), Encoding.UTF8.GetBytes(row));
        return $"{Prefix}{id}:{Convert.ToBase64String(result)}";
    }

    /// <summary>A value from before there was protection comes back as it is.</summary>
    public string Decrypt(string row, string stored)
    {
        if (!stored.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return stored;
        }

        var parts = stored.Split(':', 4);
        var key = Keys.FirstOrDefault(x => x.Id == parts[2]).Key ?? throw new InvalidOperationException(
            $"{row} is encrypted with key {parts[2]}, which {Source} does not hold. Copy the key file of the node that made it.");
        var bytes = Convert.FromBase64String(parts[3]);
        var plain = new byte[bytes.Length - 28];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(bytes.AsSpan(0, 12), bytes.AsSpan(28), bytes.AsSpan(12, 16), plain, Encoding.UTF8.GetBytes(row));
        return Encoding.UTF8.GetString(plain);
    }

    private static string[] ReadOrMake(string path, bool make)
    {
        if (make && !File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var temporary = $"{path}.{Environment.ProcessId}";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(temporary, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n"));
                file.Flush(flushToDisk: true);
            }

            try
            {
                File.Move(temporary, path, overwrite: false);
            }
            catch (IOException)
            {
                File.Delete(temporary); // another process on the same folder was first
            }
        }

        return File.Exists(path) ? File.ReadAllLines(path) : throw new InvalidOperationException($"The key file {path} is not there.");
    }
}
