using SaaS.Api.Hosting;
using SaaS.Client.Groups;
using SaaS.Client.Http;

namespace SaaS.Api.Groups;

internal static class GroupEndpoints
{
    public static void MapGroups(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/groups").WithTags("Groups").Problems();
        group.MapGet("", ListGroups.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<GroupView>>();
        group.MapPost("", CreateGroupEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Creates<GroupView>();
        group.MapGet("/{id:long}", GetGroup.HandleAsync).RequireAuthorization(Policies.Admin).Produces<GroupView>();
        group.MapPatch("/{id:long}", UpdateGroupEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Versioned().Produces<GroupView>();
        group.MapDelete("/{id:long}", DeleteGroup.HandleAsync).RequireAuthorization(Policies.Admin).Versioned().Produces(204);
        group.MapGet("/{id:long}/members", ListGroupMembers.HandleAsync).RequireAuthorization(Policies.Admin).Produces<PageOf<GroupMemberView>>();
        group.MapPost("/{id:long}/members", AddGroupMembersEndpoint.HandleAsync).RequireAuthorization(Policies.Admin).Produces<GroupView>();
        group.MapDelete("/{id:long}/members/{address}", RemoveGroupMember.HandleAsync).RequireAuthorization(Policies.Admin).Produces(204);
    }
}
