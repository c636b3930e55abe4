using System.Text.Json.Nodes;

namespace SaaS.Api.Jmap.Mail;

/// <summary>What every /get does with its "properties" (RFC 8620 §5.1).</summary>
internal static class GetArguments
{
    /// <summary>The properties asked for, id first; all when none are named.</summary>
    public static IReadOnlyList<string> Properties(JmapArguments arguments, IReadOnlyList<string> known)
    {
        var asked = arguments.OptionalStrings("properties");
        if (asked is null)
        {
            return known;
        }

        return asked.FirstOrDefault(p => !known.Contains(p, StringComparer.Ordinal)) is { } wrong
            ? throw MethodException.Invalid($"Unknown property: {wrong}")
            : [.. asked.Prepend("id").Distinct(StringComparer.Ordinal)];
    }

    public static JsonObject Pick(JsonObject all, IReadOnlyList<string> properties)
    {
        foreach (var name in all.Select(p => p.Key).Where(k => !properties.Contains(k, StringComparer.Ordinal)).ToList())
        {
            all.Remove(name);
        }

        return all;
    }

    public static JsonObject Response(MethodCall call, string state, JsonArray list, IEnumerable<string> notFound)
    {
        var response = call.Response();
        response["state"] = state;
        response["list"] = list;
        response["notFound"] = notFound.ToJson();
        return response;
    }
}

/// <summary>What every /changes does (RFC 8620 §5.2).</summary>
internal static class ChangesArguments
{
    public const int MaxChanges = 1000;

    public static (Domain.Common.ModSeq Since, int Max) Read(JmapArguments arguments)
    {
        var since = arguments.String("sinceState");
        var max = arguments.OptionalCount("maxChanges");
        return max == 0
            ? throw MethodException.Invalid("maxChanges must be above 0.")
            : (new Domain.Common.ModSeq(Number(since)), Math.Min(max ?? MaxChanges, MaxChanges));
    }

    public static JsonObject Response(MethodCall call, Domain.Messages.TypeChanges? changes, Func<long, string> id)
    {
        if (changes is null)
        {
            throw new MethodException("cannotCalculateChanges");
        }

        var response = call.Response();
        response["oldState"] = call.Arguments.String("sinceState");
        response["newState"] = changes.Through.ToString();
        response["hasMoreChanges"] = changes.HasMore;
        response["created"] = changes.Created.Select(id).ToJson();
        response["updated"] = changes.Updated.Select(id).ToJson();
        response["destroyed"] = changes.Destroyed.Select(id).ToJson();
        return response;
    }

    public static long Number(string state) =>
        long.TryParse(state, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var n)
            ? n
            : throw new MethodException("cannotCalculateChanges");
}

/// <summary>What every /set does around its objects (RFC 8620 §5.3).</summary>
internal sealed class SetRun
{
    private readonly MethodCall _call;

    public SetRun(MethodCall call, int max)
    {
        _call = call;
        Create = call.Arguments.OptionalObject("create") ?? [];
        Update = call.Arguments.OptionalObject("update") ?? [];
        Destroy = call.Arguments.OptionalStrings("destroy") ?? [];
        if (Create.Count + Update.Count + Destroy.Count > max)
        {
            throw new MethodException("requestTooLarge", $"At most {max} objects.");
        }
    }

    public JsonObject Create { get; }
    public JsonObject Update { get; }
    public IReadOnlyList<string> Destroy { get; }
    public JsonObject Created { get; } = [];
    public JsonObject Updated { get; } = [];
    public List<string> Destroyed { get; } = [];
    public JsonObject NotCreated { get; } = [];
    public JsonObject NotUpdated { get; } = [];
    public JsonObject NotDestroyed { get; } = [];

    public void CheckState(string state)
    {
        if (_call.Arguments.OptionalString("ifInState") is { } wanted && wanted != state)
        {
            throw new MethodException("stateMismatch");
        }
    }

    /// <summary>Creates each; collects its answer or its error.</summary>
    public async Task CreateEachAsync(Func<JsonObject, Task<JsonObject>> create)
    {
        foreach (var (key, value) in Create)
        {
            try
            {
                var made = await create(value as JsonObject ?? throw SetException.Invalid(key, "Not an object."));
                Created[key] = made;
                _call.CreatedIds[key] = made["id"]!.GetValue<string>();
            }
            catch (SetException e)
            {
                NotCreated[key] = e.Error;
            }
        }
    }

    public async Task UpdateEachAsync(Func<string, JsonObject, Task<JsonObject?>> update)
    {
        foreach (var (key, value) in Update)
        {
            var id = _call.Resolve(key);
            try
            {
                Updated[id ?? key] = await update(
                    id ?? throw new SetException(SetErrors.NotFound()), value as JsonObject ?? throw SetException.Invalid(key, "Not an object."));
            }
            catch (SetException e)
            {
                NotUpdated[id ?? key] = e.Error;
            }
        }
    }

    public async Task DestroyEachAsync(Func<string, Task> destroy)
    {
        foreach (var key in Destroy)
        {
            var id = _call.Resolve(key) ?? key;
            try
            {
                await destroy(id);
                Destroyed.Add(id);
            }
            catch (SetException e)
            {
                NotDestroyed[id] = e.Error;
            }
        }
    }

    public JsonObject Response(string oldState, string newState)
    {
        var response = _call.Response();
        response["oldState"] = oldState;
        response["newState"] = newState;
        response["created"] = Created.Count > 0 ? Created : null;
        response["updated"] = Updated.Count > 0 ? Updated : null;
        response["destroyed"] = Destroyed.Count > 0 ? Destroyed.ToJson() : null;
        response["notCreated"] = NotCreated.Count > 0 ? NotCreated : null;
        response["notUpdated"] = NotUpdated.Count > 0 ? NotUpdated : null;
        response["notDestroyed"] = NotDestroyed.Count > 0 ? NotDestroyed : null;
        return response;
    }
}

/// <summary>A window over ids that are all at hand (RFC 8620 §5.5).</summary>
internal static class QueryWindow
{
    public static JsonObject Response(MethodCall call, string state, IReadOnlyList<string> all, int maxResults, bool canCalculate)
    {
        var arguments = call.Arguments;
        var limit = arguments.OptionalCount("limit");
        var position = arguments.Int("position", 0);
        if (arguments.OptionalString("anchor") is { } anchor)
        {
            var at = all.ToList().IndexOf(anchor);
            position = at < 0 ? throw new MethodException("anchorNotFound") : Math.Max(0, at + arguments.Int("anchorOffset", 0));
        }
        else if (position < 0)
        {
            position = Math.Max(0, all.Count + position);
        }

        var take = Math.Min(limit ?? maxResults, maxResults);
        var response = call.Response();
        response["queryState"] = state;
        response["canCalculateChanges"] = canCalculate;
        response["position"] = position;
        response["ids"] = all.Skip(position).Take(take).ToJson();
        if (arguments.Bool("calculateTotal"))
        {
            response["total"] = all.Count;
        }

        if (take < (limit ?? int.MaxValue))
        {
            response["limit"] = take;
        }

        return response;
    }
}
