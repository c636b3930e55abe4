using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using SaaS.Client.Http;
using SaaS.Web.Shared;

namespace SaaS.Web.Tests.Portal;

/// <summary>Renders portal components against scripted answers of the API and keeps what they asked for.</summary>
public abstract class PortalContext : BunitContext
{
    private readonly Script _script = new();

    protected PortalContext()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices(o => o.PopoverOptions.CheckForPopoverProvider = false);
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<Toasts>();
        Services.AddSingleton(new ApiClient(new HttpClient(_script) { BaseAddress = new Uri("http://api") }));
    }

    /// <summary>"GET /v1/accounts?limit=50" and so on, in order.</summary>
    protected IReadOnlyList<string> Asked => _script.Asked;

    protected IReadOnlyList<string> Bodies => _script.Bodies;

    /// <summary>Answers a call whose "VERB path" starts so; the longest beginning wins.</summary>
    protected void On(string call, object answer, HttpStatusCode status = HttpStatusCode.OK) => _script.Answers[call] = _ => (status, answer);

    protected void OnProblem(string call, HttpStatusCode status, string detail, params (string Field, string Text)[] errors) =>
        On(call, new { detail, reason = "invalid", errors = errors.ToDictionary(e => e.Field, e => new[] { e.Text }) }, status);

    protected IRenderedComponent<CascadingValue<Task<AuthenticationState>>> RenderAs<T>(
        string role, Action<ComponentParameterCollectionBuilder<T>>? with = null)
        where T : IComponent
    {
        var user = new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim("role", role), new Claim("tenant_id", "7"), new Claim("reseller_id", "3"), new Claim("account_id", "1")], "test", "name", "role"));
        return Render<CascadingValue<Task<AuthenticationState>>>(p => p
            .Add(c => c.Value, Task.FromResult(new AuthenticationState(user)))
            .AddChildContent<MudDialogProvider>()
            .AddChildContent<T>(c => with?.Invoke(c)));
    }

    private sealed class Script : HttpMessageHandler
    {
        public Dictionary<string, Func<HttpRequestMessage, (HttpStatusCode, object)>> Answers { get; } = new(StringComparer.Ordinal);
        public List<string> Asked { get; } = [];
        public List<string> Bodies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var call = $"{request.Method} {request.RequestUri!.PathAndQuery}";
            Asked.Add(call);
            Bodies.Add(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
            var match = Answers.Keys.Where(k => call.StartsWith(k, StringComparison.Ordinal)).OrderByDescending(k => k.Length).FirstOrDefault();
            var (status, answer) = match is null ? (HttpStatusCode.NotFound, new { detail = "Not scripted: " + call }) : Answers[match](request);
            return new HttpResponseMessage(status)
            {
                Content = new StringContent(
                    JsonSerializer.Serialize(answer, ApiJson.Options), Encoding.UTF8, (int)status >= 400 ? "application/problem+json" : "application/json"),
            };
        }
    }
}
