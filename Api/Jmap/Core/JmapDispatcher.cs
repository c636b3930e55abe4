using System.Text.Json.Nodes;
using SaaS.Client.Jmap;

namespace SaaS.Api.Jmap.Core;

/// <summary>Runs the calls of one request in order (RFC 8620 §3.4).</summary>
internal sealed class JmapDispatcher(MethodTable methods, JmapAccess access, ILogger<JmapDispatcher> log)
{
    public async Task<List<(string Name, JsonObject Arguments, string CallId)>> RunAsync(
        JmapCaller caller, IReadOnlySet<string> capabilities, IReadOnlyList<Invocation> calls, Dictionary<string, string> createdIds,
        CancellationToken ct)
    {
        var responses = new List<(string Name, JsonObject Arguments, string CallId)>();
        foreach (var (name, arguments, callId) in calls)
        {
            try
            {
                var (method, call) = await PrepareAsync(caller, capabilities, name, ResultReferences.Resolve(arguments, responses), createdIds, ct);
                var result = await method.RunAsync(call, ct);
                responses.Add((name, result, callId));
                responses.AddRange(call.Extra.Select(e => (e.Name, e.Arguments, callId)));
            }
            catch (MethodException e)
            {
                responses.Add(("error", Error(e.Type, e.Description), callId));
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                // The one place where a method's fault ends; the others of the request go on (RFC 8620 §3.6.2 serverFail).
                var id = Guid.NewGuid().ToString("N")[..12];
                JmapLog.MethodFailed(log, e, name, id);
                responses.Add(("error", Error("serverFail", $"Error id {id}."), callId));
            }
        }

        return responses;
    }

    private async ValueTask<(JmapMethod Method, MethodCall Call)> PrepareAsync(
        JmapCaller caller, IReadOnlySet<string> capabilities, string name, JsonObject arguments, Dictionary<string, string> createdIds,
        CancellationToken ct)
    {
        var method = methods.Find(name) is { } found && capabilities.Contains(found.Capability) ? found : throw new MethodException("unknownMethod");
        var read = new JmapArguments(arguments);
        if (!method.NeedsAccount)
        {
            return (method, new MethodCall(new JmapAccount(default, null), caller, read, createdIds));
        }

        // Another's account and one that does not exist look alike.
        var account = await access.FindAsync(caller, JmapIds.Account(read.String("accountId")), ct) ?? throw new MethodException("accountNotFound");

        if (method.Sends ? !caller.MaySend : !caller.MayRead)
        {
            throw new MethodException("forbidden", "The token has not the scope for this.");
        }

        return account.Refuses(method) is { } refused ? throw refused : (method, new MethodCall(account, caller, read, createdIds));
    }

    private static JsonObject Error(string type, string? description)
    {
        var error = new JsonObject { ["type"] = type };
        if (description is not null)
        {
            error["description"] = description;
        }

        return error;
    }
}
