namespace SaaS.Web.Webmail.Settings;

/// <summary>One rule as people make it: all or any of its conditions, then its actions.</summary>
public sealed class FilterRule
{
    public string Name { get; set; } = "";
    public bool Enabled { get; set; } = true;
    /// <summary>False: one condition is enough.</summary>
    public bool All { get; set; } = true;
    public List<FilterCondition> Conditions { get; set; } = [new()];
    /// <summary>Full name of a folder; null: it stays in the inbox.</summary>
    public string? MoveTo { get; set; }
    public bool Star { get; set; }
    public bool MarkRead { get; set; }
    /// <summary>An address that gets a copy.</summary>
    public string? ForwardTo { get; set; }
    /// <summary>Into the trash.</summary>
    public bool Delete { get; set; }
    /// <summary>Rules behind this one are not looked at.</summary>
    public bool Stop { get; set; } = true;

    /// <summary>In one sentence.</summary>
    public string Summary()
    {
        var when = string.Join(All ? " and " : " or ", Conditions.Select(c => c.Summary()));
        List<string> then = [];
        if (Delete)
        {
            then.Add("delete it");
        }
        else if (MoveTo is not null)
        {
            then.Add($"move it to {MoveTo}");
        }

        if (Star)
        {
            then.Add("star it");
        }

        if (MarkRead)
        {
            then.Add("mark it as read");
        }

        if (ForwardTo is not null)
        {
            then.Add($"forward a copy to {ForwardTo}");
        }

        if (then.Count == 0)
        {
            then.Add("leave it in the inbox");
        }

        return $"When {when}: {string.Join(", ", then)}{(Stop ? ", and stop." : ".")}";
    }
}

public sealed class FilterCondition
{
    public static readonly IReadOnlyList<(string Value, string Text)> Fields =
        [("from", "From"), ("to", "To or Cc"), ("subject", "Subject"), ("body", "Text"), ("list", "Mailing list")];

    public static readonly IReadOnlyList<(string Value, string Text)> Tests =
        [("contains", "contains"), ("is", "is"), ("not", "does not contain")];

    public string Field { get; set; } = "from";
    public string Test { get; set; } = "contains";
    public string Value { get; set; } = "";

    public string Summary() =>
        $"{Fields.First(f => f.Value == Field).Text.ToLowerInvariant()} {Tests.First(t => t.Value == Test).Text} “{Value}”";
}
