using SaaS.MailHost.Net;

namespace SaaS.MailHost.Roles;

/// <summary>Every role there is. Configuration "Roles" picks: "all" (default) or a list such as "mx,relay".</summary>
internal static class RoleTable
{
    public static IReadOnlyList<IRole> All { get; } =
    [
        new MxRole(),
        new SubmissionRole(),
        new LmtpRole(),
        new ImapRole(),
        new Pop3Role(),
        new SieveRole(),
        new RelayRole(),
        new JobsRole(),
    ];

    public static IReadOnlyList<IRole> Select(string? names)
    {
        if (string.IsNullOrWhiteSpace(names) || names.Trim().Equals("all", StringComparison.OrdinalIgnoreCase))
        {
            return All;
        }

        var wanted = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in wanted)
        {
            if (!All.Any(r => r.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new ConfigurationException($"Roles names an unknown role: {name}. Known: all, {string.Join(", ", All.Select(r => r.Name))}");
            }
        }

        return [.. All.Where(r => wanted.Contains(r.Name, StringComparer.OrdinalIgnoreCase))];
    }
}
