using SaaS.Api;
using SaaS.Api.Hosting;
using SaaS.Api.Identity;
using SaaS.Api.Jmap;
using SaaS.Api.OAuthClients;
using SaaS.Client.Http;
using SaaS.Domain;
using Scalar.AspNetCore;

var builder = WebApplication.CreateBuilder(args);
builder.ConfigureListening();
builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error); // our store encrypts what it warns of
builder.Services.AddDomain(builder.Configuration, fenced: true);
builder.Services.AddIdentityServer();
builder.Services.AddPolicies();
builder.Services.AddScoped<CurrentUser>();
builder.Services.AddSingleton<ServiceClients>();
builder.Services.AddScoped<OAuthClientService>();
builder.Services.AddJmap(builder.Configuration);
builder.Services.AddObservability();
builder.Services.AddRazorComponents();
builder.Services.AddProblemDetails();
builder.Services.AddOpenApi("v1", OpenApiDocument.Configure);
builder.Services.ConfigureHttpJsonOptions(o => ApiJson.Configure(o.SerializerOptions));
builder.Services.AddSingleton<RateLimits>();
builder.Services.AddHostedService(p => p.GetRequiredService<RateLimits>());
builder.Services.AddSingleton<NodeHeartbeat>();
builder.Services.AddHostedService(p => p.GetRequiredService<NodeHeartbeat>());
builder.Services.AddHostedService<TokenSweep>();

var app = builder.Build();
app.UseTrustedProxies();
app.UseResponseHeaders();
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    // A request that cannot be read is its sender's fault, and no news for the log.
    StatusCodeSelector = e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
    SuppressDiagnosticsCallback = c => c.Exception is BadHttpRequestException,
});
app.UseStatusCodePages(x => Results.Problem(statusCode: x.HttpContext.Response.StatusCode).ExecuteAsync(x.HttpContext));
app.UseMiddleware<KnownHostMiddleware>();
app.UseRouting();
app.UseAuthentication();
app.UseMiddleware<CallerMiddleware>();
app.UseMiddleware<RateLimitMiddleware>();
app.UseAuthorization();
app.UseMiddleware<IdempotencyMiddleware>();
app.MapHealth();
app.MapConnect();
app.MapRest();
app.MapJmap().RequireAuthorization(Policies.User);
app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
app.MapScalarApiReference("/reference", o =>
{
    o.Title = "API reference";
    o.DefaultFonts = false; // they would come from somebody else's server
    // Nothing that leads to its maker's services.
    o.ShowDeveloperTools = DeveloperToolsVisibility.Never;
    o.HideClientButton = true;
    o.DisableAgent();
    o.Telemetry = false;
}).AllowAnonymous();
app.Run();
