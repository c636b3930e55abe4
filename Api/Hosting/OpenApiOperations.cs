using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace SaaS.Api.Hosting;

/// <summary>
/// What an operation of the OpenAPI document says beside its types, read from the endpoint itself: a name, how a list is paged, which headers
/// count, and an example of each body.
/// </summary>
internal static class OpenApiOperations
{
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<MethodInfo>().LastOrDefault() is { DeclaringType: { } handler } method)
        {
            var words = Words(handler.Name.EndsWith("Endpoint", StringComparison.Ordinal) ? handler.Name[..^"Endpoint".Length] : handler.Name);
            // One class may hold the same for oneself (OwnAsync) and for others.
            if (method.Name == "OwnAsync")
            {
                words.Insert(1, "Own");
            }

            operation.OperationId ??= char.ToLowerInvariant(handler.Name[0]) + string.Concat(words)[1..];
            operation.Summary ??= string.Join(' ', words.Select((w, i) => i == 0 ? w : w.ToLowerInvariant()));
            if (method.GetParameters().Any(p => p.ParameterType == typeof(ListParameters)))
            {
                Add(operation, "limit", ParameterLocation.Query, JsonSchemaType.Integer, "Items on a page: 1 to 500, 100 if not said.", 50);
                Add(operation, "cursor", ParameterLocation.Query, JsonSchemaType.String, "`next` of the page before; none for the first page.", null);
                Add(operation, "q", ParameterLocation.Query, JsonSchemaType.String, "What to search for.", null);
            }
        }

        if (metadata.OfType<CreatesAttribute>().Any())
        {
            Add(operation, "Idempotency-Key", ParameterLocation.Header, JsonSchemaType.String,
                "Any name for this request, at most 200 characters: a repeat under it within a day is answered like the first, and does nothing.",
                "2f1c7f2e-8a55-4c0d-9d0e-3f6a0f0f5a11");
        }

        if (metadata.OfType<VersionedAttribute>().Any())
        {
            Add(operation, "If-Match", ParameterLocation.Header, JsonSchemaType.String,
                "The ETag that was read: 412 where somebody else has changed the object since.", "\"731\"");
        }

        if (operation.RequestBody?.Content is { } sent
            && context.Description.ParameterDescriptions.FirstOrDefault(p => p.Source.Id == "Body")?.Type is { } body)
        {
            Show(sent.Values, body);
        }

        foreach (var answer in context.Description.SupportedResponseTypes)
        {
            if (answer.Type is { } type && operation.Responses?.TryGetValue($"{answer.StatusCode}", out var response) == true && response.Content is { } content)
            {
                if (answer.StatusCode < 300)
                {
                    Show(content.Values, type);
                }
                else
                {
                    Problem(content.Values, answer.StatusCode);
                }
            }
        }

        return Task.CompletedTask;
    }

    private static void Show(IEnumerable<OpenApiMediaType> content, Type type)
    {
        if (OpenApiExamples.Of(type) is { } example)
        {
            foreach (var media in content)
            {
                media.Example ??= example.DeepClone();
            }
        }
    }

    private static void Problem(IEnumerable<OpenApiMediaType> content, int status)
    {
        var (title, detail, reason) = status switch
        {
            400 => ("Bad Request", "The body is not JSON of this shape.", null),
            401 => ("Unauthorized", "The access token is missing or has ended.", null),
            403 => ("Forbidden", "The token or its user's roles do not reach this.", "forbidden"),
            404 => ("Not Found", "There is no such object.", "notFound"),
            409 => ("Conflict", "There is one of this name already.", "alreadyExists"),
            412 => ("Precondition Failed", "It was changed meanwhile.", "conflict"),
            422 => ("Unprocessable Entity", "Not a domain name.", "invalid"),
            _ => ("Too Many Requests", "Too many requests; wait a little.", "rateLimited"),
        };
        var problem = new JsonObject { ["title"] = title, ["status"] = status, ["detail"] = detail };
        if (reason is not null)
        {
            problem["reason"] = reason;
        }

        if (status == 422)
        {
            problem["errors"] = new JsonObject { ["name"] = new JsonArray(detail) };
        }

        foreach (var media in content)
        {
            media.Example ??= problem.DeepClone();
        }
    }

    private static void Add(
        OpenApiOperation operation, string name, ParameterLocation place, JsonSchemaType type, string description, JsonNode? example) =>
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = name,
            In = place,
            Description = description,
            Schema = new OpenApiSchema { Type = type },
            Example = example,
        });

    /// <summary>The words of a name in Pascal case; capitals that stand together are one (OAuth stays OAuth).</summary>
    private static List<string> Words(string name)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]))
            {
                words.Add(word.ToString());
                word.Clear();
            }

            word.Append(name[i]);
        }

        words.Add(word.ToString());
        return words;
    }
}
