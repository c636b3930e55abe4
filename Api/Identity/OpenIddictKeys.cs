using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using SaaS.Domain.Keys;

namespace SaaS.Api.Identity;

/// <summary>Gives the token server the keys that all nodes share: made once, by whichever node is first, and kept in the database.</summary>
internal sealed class OpenIddictKeys(ServerKeyStore store) : IConfigureOptions<OpenIddictServerOptions>
{
    private const string Signing = "token-signing";
    private const string Encryption = "token-encryption";

    public void Configure(OpenIddictServerOptions options)
    {
        foreach (var key in Load(Signing))
        {
            options.SigningCredentials.Add(new SigningCredentials(key, SecurityAlgorithms.RsaSha256));
        }

        foreach (var key in Load(Encryption))
        {
            options.EncryptionCredentials.Add(
                new EncryptingCredentials(key, SecurityAlgorithms.RsaOAEP, SecurityAlgorithms.Aes256CbcHmacSha512));
        }
    }

    private IEnumerable<RsaSecurityKey> Load(string purpose)
    {
        var keys = store.List(purpose);
        if (keys.Count == 0)
        {
            using var made = RSA.Create(2048);
            store.Add(purpose, "1", made.ExportPkcs8PrivateKeyPem());
            keys = store.List(purpose);
        }

        foreach (var key in keys)
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(key.Value);
            yield return new RsaSecurityKey(rsa)
            {
                KeyId = Domain.Accounts.AccessTokens.KeyIdOf(rsa),
            };
        }
    }
}

/// <summary>The ring that protects cookies and form tokens, in the database so that every node reads what another wrote.</summary>
internal sealed class KeyRing(ServerKeyStore store) : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    private const string Purpose = "data-protection";

    public IReadOnlyCollection<XElement> GetAllElements() => [.. store.List(Purpose).Select(k => XElement.Parse(k.Value))];

    public void StoreElement(XElement element, string friendlyName) =>
        store.Add(Purpose, friendlyName, element.ToString(SaveOptions.DisableFormatting));

    public void Configure(KeyManagementOptions options) => options.XmlRepository = this;
}
