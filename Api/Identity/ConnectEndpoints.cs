namespace SaaS.Api.Identity;

/// <summary>OAuth and OpenID Connect, and the pages that people see on the way.</summary>
internal static class ConnectEndpoints
{
    public static void MapConnect(this WebApplication app)
    {
        var connect = app.MapGroup("/connect").AllowAnonymous().ExcludeFromDescription();
        connect.MapMethods("/authorize", ["GET", "POST"], Authorize.HandleAsync);
        connect.MapPost("/token", Token.HandleAsync);
        connect.MapMethods("/userinfo", ["GET", "POST"], (Delegate)UserInfo.HandleAsync);
        connect.MapMethods("/logout", ["GET", "POST"], (Delegate)SignOut.HandleAsync);
        connect.MapGet("/sign-in", SignIn.ShowAsync);
        connect.MapPost("/sign-in", SignIn.SubmitAsync);
        connect.MapGet("/consent", Consent.ShowAsync);
        connect.MapPost("/consent", Consent.SubmitAsync);
        connect.MapPost("/second-factor", SecondFactor.SubmitAsync);
        connect.MapPost("/second-factor/setup", SecondFactor.SetUpAsync);
        connect.MapPost("/passkey/options", SecondFactor.AskAsync);
        connect.MapPost("/passkey", SecondFactor.AnswerAsync);
        connect.MapGet("/site.css", SiteStyle.Get);
        connect.MapGet("/site.js", SiteScript.Get);
    }
}
