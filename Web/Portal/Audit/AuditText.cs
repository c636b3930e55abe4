namespace SaaS.Web.Portal.Audit;

/// <summary>Actions of the audit log (noun.verb) as a person says them.</summary>
internal static class AuditText
{
    private static readonly Dictionary<string, string> Done = new(StringComparer.Ordinal)
    {
        ["create"] = "created",
        ["update"] = "changed",
        ["delete"] = "deleted",
        ["verify"] = "verified",
        ["vouch"] = "vouched for",
        ["suspend"] = "suspended",
        ["resume"] = "resumed",
        ["password"] = "password set",
        ["set"] = "set",
        ["clear"] = "cleared",
        ["grant"] = "right given",
        ["revoke"] = "right taken",
        ["hold"] = "held",
        ["release"] = "released",
        ["retry"] = "tried again",
        ["bounce"] = "bounced",
        ["add"] = "members added",
        ["remove"] = "member removed",
        ["save"] = "saved",
        ["logo"] = "logo set",
        ["logo-remove"] = "logo removed",
        ["host-add"] = "host added",
        ["host-remove"] = "host removed",
        ["host-claim"] = "host claimed",
        ["host-verify"] = "host verified",
        ["host-vouch"] = "host vouched for",
        ["drain"] = "taken out of rotation",
        ["second-factor"] = "second factor set up",
        ["second-factor-off"] = "second factor removed",
        ["passkey"] = "passkey added",
        ["passkey-remove"] = "passkey removed",
        ["codes"] = "recovery codes made",
    };

    /// <summary>Nouns of actions, as a filter names them.</summary>
    public static IReadOnlyList<(string Noun, string Title)> Kinds { get; } =
    [
        ("account", "Accounts"), ("alias", "Aliases"), ("brand", "Brands"), ("domain", "Domains"), ("group", "Groups"), ("node", "Nodes"),
        ("client", "OAuth clients"), ("plan", "Plans"), ("queue", "Queue"), ("reseller", "Resellers"), ("setting", "Settings"), ("tenant", "Tenants"), ("user", "Users"),
    ];

    /// <summary>"domain.verify" reads "Domain verified"; what is not known is read as it stands.</summary>
    public static string Words(string action)
    {
        if (action == "user.remove")
        {
            return "User removed";
        }

        var parts = action.Split('.', '_');
        var words = string.Join(' ', parts.Select((p, i) => i > 0 && Done.TryGetValue(p, out var done) ? done : p));
        return words.Length == 0 ? "" : char.ToUpperInvariant(words[0]) + words[1..];
    }
}
