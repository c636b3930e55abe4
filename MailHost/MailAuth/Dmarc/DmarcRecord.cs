namespace SaaS.MailHost.MailAuth.Dmarc;

internal enum DmarcPolicy
{
    None,
    Quarantine,
    Reject,
}

/// <summary>What a domain's owner publishes at _dmarc.</summary>
/// <remarks>RFC 9989 §4.7; pct= of RFC 7489 §6.3 is read where it is 0, which is what t=y says now.</remarks>
/// <param name="Subdomains">sp=.</param>
/// <param name="NonExistent">np=.</param>
/// <param name="PublicSuffix">psd=: y, n or u.</param>
/// <param name="Testing">t=y.</param>
/// <param name="Reports">rua=, as written.</param>
internal sealed record DmarcRecord(
    DmarcPolicy Policy, DmarcPolicy? Subdomains, DmarcPolicy? NonExistent, bool StrictDkim, bool StrictSpf, char PublicSuffix, bool Testing,
    string? Reports, string? FailureReports, string? FailureOptions)
{
    public static bool IsRecord(string text) => TagList.TryParse(text.Length > 4096 ? "" : text, out var tags) && tags is { First: "v" } && tags["v"] == "DMARC1";

    /// <summary>Null: it says nothing that could be followed.</summary>
    public static DmarcRecord? Parse(string text)
    {
        if (!TagList.TryParse(text, out var tags) || tags.First != "v" || tags["v"] != "DMARC1")
        {
            return null;
        }

        var (p, sp, np) = (Read(tags["p"]), Read(tags["sp"]), Read(tags["np"]));
        var reports = tags["rua"] is { } rua && rua.Split(',').Any(u => u.Trim().StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) ? rua : null;
        if (p is null || (tags.Has("sp") && sp is null) || (tags.Has("np") && np is null))
        {
            // Without a policy that can be read, one who wants reports gets them.
            if (reports is null)
            {
                return null;
            }

            (p, sp, np) = (DmarcPolicy.None, null, null);
        }

        return new DmarcRecord(
            p.Value, sp, np, Is(tags["adkim"], "s"), Is(tags["aspf"], "s"), Is(tags["psd"], "y") ? 'y' : Is(tags["psd"], "n") ? 'n' : 'u',
            Is(tags["t"], "y") || tags["pct"] == "0", reports, tags["ruf"], tags["fo"]);
    }

    private static bool Is(string? value, string what) => string.Equals(value, what, StringComparison.OrdinalIgnoreCase);

    private static DmarcPolicy? Read(string? value) => value?.ToLowerInvariant() switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };
}
