using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace SaaS.Api.Hosting;

/// <summary>What the OpenAPI 3.1 document says beside the endpoints themselves.</summary>
internal static class OpenApiDocument
{
    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddOperationTransformer(OpenApiOperations.DescribeAsync);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Mail platform API",
                Version = "v1",
                Description = """
                    Resellers, tenants, domains, accounts and everything around them. Calls carry an OAuth 2 access token with scope `admin`
                    (`/.well-known/openid-configuration` names the endpoints). Errors are problem documents (RFC 9457) with a `reason`. Lists take
                    `limit` (at most 500) and `cursor`; updates take `If-Match` with the version that was read; creates take `Idempotency-Key`.
                    """,
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["oauth2"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.OAuth2,
                Flows = new OpenApiOAuthFlows
                {
                    AuthorizationCode = new OpenApiOAuthFlow
                    {
                        AuthorizationUrl = new Uri("/connect/authorize", UriKind.Relative),
                        TokenUrl = new Uri("/connect/token", UriKind.Relative),
                        Scopes = new Dictionary<string, string>
                        {
                            ["admin"] = "Administer what the user's roles reach.",
                            ["mail.read"] = "Read and organise the user's mail.",
                            ["mail.send"] = "Send mail as the user.",
                        },
                    },
                    ClientCredentials = new OpenApiOAuthFlow
                    {
                        TokenUrl = new Uri("/connect/token", UriKind.Relative),
                        Scopes = new Dictionary<string, string> { ["admin"] = "Administer what the client's owner reaches." },
                    },
                },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("oauth2", document)] = ["admin"] }];
            return Task.CompletedTask;
        });
    }
}
