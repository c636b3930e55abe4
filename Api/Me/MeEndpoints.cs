using SaaS.Api.Hosting;
using SaaS.Client.Http;
using SaaS.Client.Me;

namespace SaaS.Api.Me;

internal static class MeEndpoints
{
    public static void MapMe(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/me").WithTags("Me").Problems();
        group.MapGet("", GetMe.HandleAsync).RequireAuthorization(Policies.User).Produces<MeView>();
        group.MapPatch("", UpdateMeEndpoint.HandleAsync).RequireAuthorization(Policies.User).Produces<MeView>();
        group.MapGet("/preferences", GetPreferences.HandleAsync).RequireAuthorization(Policies.User)
            .Produces<IReadOnlyDictionary<string, System.Text.Json.JsonElement>>();
        group.MapPatch("/preferences", SetPreferences.HandleAsync).RequireAuthorization(Policies.User)
            .Produces<IReadOnlyDictionary<string, System.Text.Json.JsonElement>>();
        group.MapPost("/password", ChangeOwnPassword.HandleAsync).RequireAuthorization(Policies.Self).Produces(204);
        group.MapGet("/security", GetSecurity.HandleAsync).RequireAuthorization(Policies.Self).Produces<SecurityView>();
        group.MapPost("/totp", StartTotp.HandleAsync).RequireAuthorization(Policies.Self).Produces<TotpStarted>();
        group.MapPost("/totp/confirm", ConfirmTotpEndpoint.HandleAsync).RequireAuthorization(Policies.Self).Produces<RecoveryCodes>();
        group.MapPost("/totp/remove", RemoveTotp.HandleAsync).RequireAuthorization(Policies.Self).Produces(204);
        group.MapPost("/recovery-codes", NewRecoveryCodes.HandleAsync).RequireAuthorization(Policies.Self).Produces<RecoveryCodes>();
        group.MapPost("/passkeys/options", StartPasskey.HandleAsync).RequireAuthorization(Policies.Self).Produces<PasskeyStarted>();
        group.MapPost("/passkeys", AddPasskeyEndpoint.HandleAsync).RequireAuthorization(Policies.Self).Produces<SecurityView>();
        group.MapDelete("/passkeys/{id}", RemovePasskey.HandleAsync).RequireAuthorization(Policies.Self).Produces(204);
        group.MapGet("/sessions", ListSessions.HandleAsync).RequireAuthorization(Policies.Self).Produces<PageOf<SessionView>>();
        group.MapDelete("/sessions/{id}", EndSession.HandleAsync).RequireAuthorization(Policies.Self).Produces(204);
        group.MapPost("/sessions/end-others", EndOtherSessions.HandleAsync).RequireAuthorization(Policies.Self).Produces(204);
    }
}
