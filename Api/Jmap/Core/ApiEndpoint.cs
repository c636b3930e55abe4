using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Client.Jmap;

namespace SaaS.Api.Jmap.Core;

/// <summary>POST /jmap/api (RFC 8620 §3).</summary>
internal static class ApiEndpoint
{
    public static async Task<IResult> HandleAsync(
        HttpContext http, JmapDispatcher dispatcher, JmapAccess access, Concurrency concurrency, IOptions<JmapOptions> options, CancellationToken ct)
    {
        var caller = JmapCaller.Of(http.User);
        if (http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.Value.MaxSizeRequest + 1L;
        }

        if (http.Request.ContentLength > options.Value.MaxSizeRequest)
        {
            return JmapProblems.Limit("maxSizeRequest");
        }

        using var place = await concurrency.EnterAsync(
            caller.Account ?? default, "request", options.Value.MaxConcurrentRequests, options.Value.ConcurrencyWait, ct);
        if (place is null)
        {
            return JmapProblems.Limit("maxConcurrentRequests");
        }

        JsonNode? body;
        try
        {
            if (!http.Request.HasJsonContentType())
            {
                return JmapProblems.NotJson("The content type is not application/json.");
            }

            body = await JsonNode.ParseAsync(
                http.Request.Body, null, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 64 }, ct);
        }
        catch (JsonException e)
        {
            return JmapProblems.NotJson(e.Message);
        }
        catch (BadHttpRequestException)
        {
            return JmapProblems.Limit("maxSizeRequest");
        }

        JmapRequest request;
        try
        {
            request = body.Deserialize<JmapRequest>(JmapJson.Options)!;
            if (request?.Using is null || request.MethodCalls is null || request.MethodCalls.Contains(null!) || request.Using.Contains(null!))
            {
                return JmapProblems.NotRequest("using and methodCalls are needed.");
            }
        }
        catch (JsonException e)
        {
            return JmapProblems.NotRequest(e.Message);
        }

        if (request.Using.FirstOrDefault(u => !SessionEndpoint.Capabilities.Contains(u)) is { } unknown)
        {
            return JmapProblems.UnknownCapability(unknown);
        }

        if (request.MethodCalls.Count > options.Value.MaxCallsInRequest)
        {
            return JmapProblems.Limit("maxCallsInRequest");
        }

        var createdIds = new Dictionary<string, string>(request.CreatedIds ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        var responses = await dispatcher.RunAsync(
            caller, request.Using.ToHashSet(StringComparer.Ordinal), request.MethodCalls, createdIds, ct);
        return Results.Json(
            new JmapResponse
            {
                MethodResponses = [.. responses.Select(r => new Invocation(r.Name, r.Arguments, r.CallId))],
                CreatedIds = request.CreatedIds is null ? null : createdIds,
                SessionState = SessionEndpoint.StateOf(caller, await access.AccountsAsync(caller, ct)),
            },
            JmapJson.Options);
    }
}
