namespace SaaS.Api.Hosting;

/// <summary>What endpoints have in common in the OpenAPI document and in the pipeline.</summary>
internal static class EndpointConventions
{
    public static RouteGroupBuilder Problems(this RouteGroupBuilder group)
    {
        foreach (var status in (ReadOnlySpan<int>)[400, 401, 403, 404, 409, 412, 422, 429])
        {
            group.ProducesProblem(status);
        }

        return group;
    }

    /// <summary>Makes something: takes Idempotency-Key, answers 201 with Location.</summary>
    public static RouteHandlerBuilder Creates<T>(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<T>(StatusCodes.Status201Created).WithMetadata(new CreatesAttribute());

    /// <summary>Takes If-Match with the version that was read.</summary>
    public static RouteHandlerBuilder Versioned(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new VersionedAttribute());
}

/// <summary>Marks an endpoint that looks at If-Match.</summary>
[AttributeUsage(AttributeTargets.All)]
internal sealed class VersionedAttribute : Attribute;
