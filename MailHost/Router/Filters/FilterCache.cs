using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using SaaS.Domain.Common;
using SaaS.Domain.Sieve;
using SaaS.Domain.Sieve.Scripts;

namespace SaaS.MailHost.Router.Filters;

/// <summary>Filters as this node last saw them, and checked scripts by their content. May be stale: the store says so when it matters.</summary>
internal sealed class FilterCache(SieveScriptService scripts, SieveLimits limits)
{
    private const int MaxFilters = 50_000;
    private const int MaxScripts = 10_000;

    private readonly ConcurrentDictionary<AccountId, Filter> _filters = new();
    private readonly ConcurrentDictionary<string, (SieveScript? Script, SieveProblem? Problem)> _scripts = new(StringComparer.Ordinal);

    /// <summary>Null: nothing filters this account, for all that is known here.</summary>
    public Filter? Known(AccountId account) => _filters.GetValueOrDefault(account);

    /// <summary>False: there is nothing to filter, since the account's home is elsewhere.</summary>
    public async Task<bool> LoadAsync(AccountId account, CancellationToken ct)
    {
        var loaded = await scripts.LoadAsync(account, ct);
        if (loaded.Elsewhere)
        {
            return false;
        }

        if (loaded.Version == 0)
        {
            _filters.TryRemove(account, out _);
            return true;
        }

        var (script, problem) = loaded.Active is { } text ? Compile(text) : (null, null);
        var included = new Dictionary<string, SieveScript?>(StringComparer.Ordinal);
        var open = new Queue<string>(script?.Includes ?? []);
        while (open.TryDequeue(out var name))
        {
            if (!included.ContainsKey(name) && loaded.Others.TryGetValue(name, out var other))
            {
                var inner = included[name] = Compile(other).Script;
                foreach (var further in inner?.Includes ?? [])
                {
                    open.Enqueue(further);
                }
            }
        }

        if (_filters.Count >= MaxFilters)
        {
            _filters.Clear();
        }

        _filters[account] = new Filter(loaded.Version, script, problem, included, loaded.Away);
        return true;
    }

    private (SieveScript? Script, SieveProblem? Problem) Compile(string text)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        if (_scripts.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_scripts.Count >= MaxScripts)
        {
            _scripts.Clear();
        }

        return _scripts[key] = SieveScript.Compile(text, limits);
    }
}
