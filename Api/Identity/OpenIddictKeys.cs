using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using SaaS.Domain.Keys;

namespace SaaS.Api.Identity;

/// <summary>
/// Gives the token server the keys that all nodes share, made once by whichever node is first and kept in the database. A key is
/// followed by a new one after <see cref="Lifetime"/>; the new one is published for a day before it is used, so that every node and every
/// client that caches our key set has it by then, and the old one stays until no token of its time can be left.
/// </summary>
internal sealed class OpenIddictKeys(ProtectedKeyStore store, ServerKeyStore open, TimeProvider clock) : IConfigureOptions<OpenIddictServerOptions>
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);
    public static readonly TimeSpan PublishedFirst = TimeSpan.FromDays(1);
    /// <summary>The longest-lived token, a refresh token, and some more.</summary>
    public static readonly TimeSpan KeptAfter = TimeSpan.FromDays(31);

    private const string Signing = "token-signing";
    private const string Encryption = "token-encryption";

    /// <summary>What <see cref="Configure"/> would see now, for noticing that it changed.</summary>
    public string Fingerprint() => string.Join(' ', Current(Signing).Concat(Current(Encryption)).Select(x => x.Id));

    public void Configure(OpenIddictServerOptions options)
    {
        foreach (var key in Current(Signing))
        {
            Publish(key);
            options.SigningCredentials.Add(new SigningCredentials(Read(key), SecurityAlgorithms.RsaSha256));
        }

        foreach (var key in Current(Encryption))
        {
            options.EncryptionCredentials.Add(
                new EncryptingCredentials(Read(key), SecurityAlgorithms.RsaOAEP, SecurityAlgorithms.Aes256CbcHmacSha512));
        }
    }

    /// <summary>Makes the next keys where they are due, and throws away what nothing needs any more. Any number of nodes may do it at once.</summary>
    public void Rotate()
    {
        var now = clock.GetUtcNow();
        foreach (var purpose in (string[])[Signing, Encryption])
        {
            var keys = store.List(purpose);
            if (keys.Count == 0 || now - keys[^1].CreatedAt > Lifetime)
            {
                using var made = RSA.Create(2048);

                // The name follows from the one before, so that of several nodes one wins.
                var number = keys.Count == 0 ? 1 : int.Parse(keys[^1].Id[(keys[^1].Id.IndexOf(':', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture) + 1;
                store.Add(purpose, number.ToString(CultureInfo.InvariantCulture), made.ExportPkcs8PrivateKeyPem());
            }

            for (var i = 0; i + 1 < keys.Count; i++)
            {
                if (now - keys[i + 1].CreatedAt > PublishedFirst + KeptAfter)
                {
                    store.Remove(keys[i].Id);
                    store.Remove(keys[i].Id.Replace(Signing, Domain.Accounts.AccessTokens.PublicKeys, StringComparison.Ordinal));
                }
            }
        }
    }

    // What checks tokens elsewhere (the mail protocols) has the public half and no more.
    private void Publish(ServerKey key)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.Value);
        open.Add(Domain.Accounts.AccessTokens.PublicKeys, key.Id[(key.Id.IndexOf(':', StringComparison.Ordinal) + 1)..], rsa.ExportSubjectPublicKeyInfoPem());
    }

    // The one to use first: the newest that has been published for long enough; then all others, which still check and decrypt.
    private List<ServerKey> Current(string purpose)
    {
        var keys = store.List(purpose);
        if (keys.Count == 0)
        {
            Rotate();
            keys = store.List(purpose);
        }

        var now = clock.GetUtcNow();
        var first = keys.LastOrDefault(x => now - x.CreatedAt >= PublishedFirst) ?? keys[0];
        return [first, .. keys.Where(x => x != first)];
    }

    private static RsaSecurityKey Read(ServerKey key)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(key.Value);
        return new RsaSecurityKey(rsa)
        {
            // The same on every node, and another for another key.
            KeyId = Domain.Accounts.AccessTokens.KeyIdOf(rsa),
        };
    }
}

/// <summary>The ring that protects cookies and form tokens, in the database so that every node reads what another wrote.</summary>
internal sealed class KeyRing(ProtectedKeyStore store) : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    private const string Purpose = "data-protection";

    public IReadOnlyCollection<XElement> GetAllElements() => [.. store.List(Purpose).Select(k => XElement.Parse(k.Value))];

    public void StoreElement(XElement element, string friendlyName) =>
        store.Add(Purpose, friendlyName, element.ToString(SaveOptions.DisableFormatting));

    public void Configure(KeyManagementOptions options) => options.XmlRepository = this;
}
