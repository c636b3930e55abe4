using System.Text.Json;
using System.Text.Json.Nodes;

namespace SaaS.Client.Jmap;

/// <summary>Calls that go out as one request, in order; later ones may refer to earlier ones' results.</summary>
public sealed class JmapBatch
{
    private readonly JmapClient _client;
    private readonly List<IPending> _calls = [];

    internal JmapBatch(JmapClient client, string accountId) => (_client, AccountId) = (client, accountId);

    public string AccountId { get; }

    /// <summary>All objects with <see cref="JmapIds.All"/>. Properties null: all of the type's.</summary>
    public JmapCall<GetResponse<T>> Get<T>(JmapIds ids, IReadOnlyList<string>? properties = null) where T : IJmapObject =>
        Add<GetResponse<T>>($"{T.TypeName}/get", new JsonObject().With("ids", ids).With("properties", properties));

    /// <summary>Emails with what the body needs.</summary>
    public JmapCall<GetResponse<Email>> GetEmails(JmapIds ids, IReadOnlyList<string>? properties = null, EmailBodyOptions? body = null)
    {
        var arguments = new JsonObject().With("ids", ids).With("properties", properties);
        if (body is not null)
        {
            arguments.With("bodyProperties", body.BodyProperties).With("fetchTextBodyValues", body.FetchTextBodyValues)
                .With("fetchHTMLBodyValues", body.FetchHtmlBodyValues).With("fetchAllBodyValues", body.FetchAllBodyValues)
                .With("maxBodyValueBytes", body.MaxBodyValueBytes);
        }

        return Add<GetResponse<Email>>("Email/get", arguments);
    }

    public JmapCall<ChangesResponse> Changes<T>(string sinceState, int? maxChanges = null) where T : IJmapObject =>
        Add<ChangesResponse>($"{T.TypeName}/changes", new JsonObject().With("sinceState", sinceState).With("maxChanges", maxChanges));

    /// <param name="filter">An <see cref="EmailFilter"/>, a <see cref="MailboxFilter"/>, or null.</param>
    /// <param name="sort">Null: the type's own order.</param>
    /// <param name="page">Where the page starts and how long it is.</param>
    /// <param name="collapseThreads">Emails: one for each thread.</param>
    public JmapCall<QueryResponse> Query<T>(
        object? filter = null, IReadOnlyList<Comparator>? sort = null, QueryPage? page = null, bool? collapseThreads = null)
        where T : IJmapObject =>
        Add<QueryResponse>($"{T.TypeName}/query", new JsonObject()
            .With("filter", filter).With("sort", sort).With("collapseThreads", collapseThreads)
            .With("position", page?.Position).With("anchor", page?.Anchor).With("anchorOffset", page?.AnchorOffset)
            .With("limit", page?.Limit).With("calculateTotal", page?.CalculateTotal));

    public JmapCall<QueryChangesResponse> QueryChanges<T>(
        string sinceQueryState, object? filter = null, IReadOnlyList<Comparator>? sort = null, int? maxChanges = null,
        bool? collapseThreads = null)
        where T : IJmapObject =>
        Add<QueryChangesResponse>($"{T.TypeName}/queryChanges", new JsonObject()
            .With("sinceQueryState", sinceQueryState).With("filter", filter).With("sort", sort)
            .With("maxChanges", maxChanges).With("collapseThreads", collapseThreads));

    /// <param name="create">Creation id -> object.</param>
    /// <param name="update">Id, or "#creationId" -> changes.</param>
    /// <param name="destroy">Ids, or a reference to them.</param>
    /// <param name="ifInState">Refuse with stateMismatch when the type's state is another by now.</param>
    public JmapCall<SetResponse<T>> Set<T>(
        IReadOnlyDictionary<string, T>? create = null, IReadOnlyDictionary<string, PatchObject>? update = null,
        JmapIds? destroy = null, string? ifInState = null)
        where T : IJmapObject =>
        Add<SetResponse<T>>($"{T.TypeName}/set", SetArguments(create, update, destroy, ifInState));

    /// <summary>Mailbox/set; with <paramref name="removeEmails"/> a mailbox goes with what is in it.</summary>
    public JmapCall<SetResponse<Mailbox>> SetMailboxes(
        IReadOnlyDictionary<string, Mailbox>? create = null, IReadOnlyDictionary<string, PatchObject>? update = null,
        JmapIds? destroy = null, bool removeEmails = false) =>
        Add<SetResponse<Mailbox>>("Mailbox/set",
            SetArguments(create, update, destroy, null).With("onDestroyRemoveEmails", removeEmails ? true : (bool?)null));

    /// <summary>Sends. The two onSuccess arguments act on the submission's email ("#creationId" or submission id) once it is accepted.</summary>
    public JmapCall<SetResponse<EmailSubmission>> Submit(
        IReadOnlyDictionary<string, EmailSubmission>? create = null, IReadOnlyDictionary<string, PatchObject>? update = null,
        IReadOnlyDictionary<string, PatchObject>? onSuccessUpdateEmail = null, IReadOnlyList<string>? onSuccessDestroyEmail = null) =>
        Add<SetResponse<EmailSubmission>>("EmailSubmission/set",
            SetArguments(create, update, null, null)
                .With("onSuccessUpdateEmail", onSuccessUpdateEmail).With("onSuccessDestroyEmail", onSuccessDestroyEmail));

    /// <summary>Where the words of a filter stand in each email.</summary>
    public JmapCall<SnippetResponse> Snippets(EmailFilter filter, JmapIds emailIds) =>
        Add<SnippetResponse>("SearchSnippet/get", new JsonObject().With("filter", filter).With("emailIds", emailIds));

    /// <summary>Any other method. The account id is put in when it is missing.</summary>
    public JmapCall<TResult> Add<TResult>(string method, JsonObject arguments)
    {
        if (method != "Core/echo")
        {
            arguments.TryAdd("accountId", AccountId);
        }

        var call = new JmapCall<TResult>(method, $"c{_calls.Count}", arguments);
        _calls.Add(call);
        return call;
    }

    /// <summary>Sends what was added. A call that failed throws when its <see cref="JmapCall{TResult}.Result"/> is read.</summary>
    public async Task<JmapResponse> SendAsync(CancellationToken ct = default)
    {
        var response = await _client.SendAsync(new JmapRequest
        {
            Using = JmapClient.Using,
            MethodCalls = [.. _calls.Select(c => c.Invocation)],
        }, ct);
        foreach (var call in _calls)
        {
            call.Complete(response);
        }

        return response;
    }

    private static JsonObject SetArguments<T>(
        IReadOnlyDictionary<string, T>? create, IReadOnlyDictionary<string, PatchObject>? update, JmapIds? destroy, string? ifInState)
    {
        var arguments = new JsonObject().With("ifInState", ifInState).With("create", create).With("update", update);
        return destroy is null ? arguments : arguments.With("destroy", destroy);
    }
}

/// <summary>A window of a query: by position, or around an anchor.</summary>
public sealed record QueryPage(int? Position = null, int? Limit = null, bool? CalculateTotal = null, string? Anchor = null, int? AnchorOffset = null);

/// <summary>Arguments of Email/get that concern bodies (RFC 8621 §4.2).</summary>
public sealed record EmailBodyOptions
{
    public IReadOnlyList<string>? BodyProperties { get; init; }
    public bool? FetchTextBodyValues { get; init; }
    public bool? FetchHtmlBodyValues { get; init; }
    public bool? FetchAllBodyValues { get; init; }
    public int? MaxBodyValueBytes { get; init; }

    public static readonly EmailBodyOptions ForReading = new()
    {
        FetchTextBodyValues = true,
        FetchHtmlBodyValues = true,
        MaxBodyValueBytes = 1024 * 1024,
    };
}

internal interface IPending
{
    Invocation Invocation { get; }
    void Complete(JmapResponse response);
}

/// <summary>One call of a batch: its result after the batch was sent, and references to it before.</summary>
public sealed class JmapCall<TResult> : IPending
{
    private readonly string _method;
    private readonly string _callId;
    private readonly JsonObject _arguments;
    private Invocation? _response;

    internal JmapCall(string method, string callId, JsonObject arguments) => (_method, _callId, _arguments) = (method, callId, arguments);

    Invocation IPending.Invocation => new(_method, _arguments, _callId);

    /// <summary>"/list/*/threadId" of this call's result, for a later call's ids.</summary>
    public ResultReference Ref(string path) => new(_callId, _method, path);

    /// <summary>The ids that a query finds.</summary>
    public ResultReference Ids() => Ref("/ids");

    /// <summary>What a changes call reports as created.</summary>
    public ResultReference CreatedIds() => Ref("/created");

    /// <summary>What a changes call reports as updated.</summary>
    public ResultReference UpdatedIds() => Ref("/updated");

    public bool Failed => Error is not null;

    /// <summary>The method-level error; null when the call went well.</summary>
    public JmapMethodException? Error { get; private set; }

    /// <exception cref="JmapMethodException">The call failed.</exception>
    public TResult Result
    {
        get
        {
            if (Error is not null)
            {
                throw Error;
            }

            var response = _response ?? throw new InvalidOperationException("The batch was not sent.");
            return response.Arguments.Deserialize<TResult>(JmapJson.Options)!;
        }
    }

    void IPending.Complete(JmapResponse response)
    {
        // A call may have several responses (EmailSubmission/set adds an Email/set); the one of its own name is its result.
        var mine = response.MethodResponses.Where(r => r.CallId == _callId).ToList();
        _response = mine.FirstOrDefault(r => r.Name == _method);
        if (_response is null)
        {
            var error = mine.FirstOrDefault(r => r.Name == "error")?.Arguments;
            Error = new JmapMethodException(
                _method, error?["type"]?.GetValue<string>() ?? "serverFail", error?["description"]?.GetValue<string>());
        }
    }
}

internal static class JsonArguments
{
    /// <summary>Puts in what is not null.</summary>
    public static JsonObject With<T>(this JsonObject arguments, string name, T value)
    {
        if (value is not null)
        {
            arguments[name] = JsonSerializer.SerializeToNode(value, value.GetType() is var type && typeof(T) == typeof(object) ? type : typeof(T), JmapJson.Options);
        }

        return arguments;
    }

    public static JsonObject With(this JsonObject arguments, string name, JmapIds ids)
    {
        if (ids.From is { } from)
        {
            arguments["#" + name] = JsonSerializer.SerializeToNode(from, JmapJson.Options);
        }
        else
        {
            arguments[name] = ids.Given is null ? null : JsonSerializer.SerializeToNode(ids.Given, JmapJson.Options);
        }

        return arguments;
    }
}
