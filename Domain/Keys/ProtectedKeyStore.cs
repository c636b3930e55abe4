namespace SaaS.Domain.Keys;

/// <summary>
/// Server keys that lie encrypted (<see cref="KeyProtection"/>): what signs or decrypts tokens, and the ring that protects cookies. A value from before
/// there was protection, or under an older key, is encrypted anew when it is read.
/// </summary>
public sealed class ProtectedKeyStore(ServerKeyStore store, KeyProtection protection)
{
    public IReadOnlyList<ServerKey> List(string purpose)
    {
        var keys = store.List(purpose);
        foreach (var key in keys)
        {
            var stored = key.Value;
            key.Value = protection.Decrypt(key.Id, stored);
            if (!protection.IsCurrent(stored))
            {
                store.Replace(key.Id, stored, protection.Encrypt(key.Id, key.Value));
            }
        }

        return keys;
    }

    /// <summary>Stores it unless one of that name is there: the first of several nodes wins and all read its key.</summary>
    public void Add(string purpose, string name, string value) => store.Add(purpose, name, protection.Encrypt($"{purpose}:{name}", value));

    public void Remove(string id) => store.Remove(id);
}
