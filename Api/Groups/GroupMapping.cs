using SaaS.Api.Hosting;
using SaaS.Client.Groups;
using SaaS.Domain.Common;
using SaaS.Domain.Groups;

namespace SaaS.Api.Groups;

/// <summary>What of it crosses HTTP.</summary>
internal static class GroupMapping
{
    public static GroupView ToView(GroupSummary x) => new(
        x.Group.Id, x.Group.TenantId.Value, x.Group.DomainId.Value, x.Group.Address, x.Group.Name, x.Group.InternalOnly, x.Members,
        x.Group.CreatedAt, Answers.Version(x.Group.Version));

    /// <summary>The object with its ETag; 201 where it was made at a location.</summary>
    public static IResult Answer(HttpContext context, Outcome<GroupSummary> found, string? location = null) =>
        !found.Ok ? context.Refused(found.Refusal)
        : location is null ? context.Found(ToView(found.Value), Answers.Version(found.Value.Group.Version))
        : context.Made(location, ToView(found.Value), Answers.Version(found.Value.Group.Version));
}
