using MudBlazor;
using MudBlazor.Services;
using SaaS.Web;
using SaaS.Web.Auth;
using SaaS.Web.Layout;
using SaaS.Web.Theme;
using SaaS.Web.Webmail;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseStaticWebAssets();
builder.ConfigureListening();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddWebAuth(builder.Configuration);
builder.Services.AddBranding();
builder.Services.AddForwardingToApi(builder.Configuration);
builder.Services.AddObservability();
builder.Services.AddRazorComponents().AddInteractiveServerComponents(o =>
{
    o.DetailedErrors = builder.Environment.IsDevelopment();
    o.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(10);
});
builder.Services.AddSignalR(o => o.MaximumReceiveMessageSize = 2 * 1024 * 1024); // a draft's HTML crosses the circuit
builder.Services.AddMudServices(o =>
{
    o.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomLeft;
    o.SnackbarConfiguration.PreventDuplicates = false;
    o.SnackbarConfiguration.VisibleStateDuration = 5000;
    o.SnackbarConfiguration.ShowTransitionDuration = 120;
    o.SnackbarConfiguration.HideTransitionDuration = 120;
    o.SnackbarConfiguration.MaxDisplayedSnackbars = 3;
});
builder.Services.AddScoped<SaaS.Web.Shared.Toasts>();
builder.Services.AddApiClient(http => new SaaS.Client.Http.ApiClient(http));
builder.Services.AddWebmail();

var app = builder.Build();
app.UseErrorPage();
app.UseTrustedProxies();
app.UseSecurityHeaders();
app.MapStaticAssets();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.MapHealth();
app.MapGet("/favicon.ico", () => Results.Redirect("/favicon.svg", permanent: true)); // pages of Api name none
app.MapAuth();
app.MapWebmail();
app.MapForwardingToApi();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode().RequireAuthorization();
app.Run();
