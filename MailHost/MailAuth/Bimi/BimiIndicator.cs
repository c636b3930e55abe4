using SaaS.Domain.Dns;
using SaaS.MailHost.MailAuth.Dmarc;

namespace SaaS.MailHost.MailAuth.Bimi;

/// <summary>Where a domain says its logo is: told to the webmail, which loads it through its proxy and never as a part of a page.</summary>
/// <remarks>draft-brand-indicators-for-message-identification. Only for who is proven: DMARC passed, and its owner has others refused.</remarks>
/// <param name="Domain">Whose record it is.</param>
/// <param name="Location">https, of an SVG.</param>
/// <param name="Authority">Of the mark certificate, where there is one.</param>
internal sealed record BimiIndicator(string Domain, string Location, string? Authority)
{
    private const int MaxLocation = 1000;

    public static async Task<BimiIndicator?> FindAsync(IDnsResolver dns, DmarcResult dmarc, CancellationToken ct)
    {
        if (dmarc is not { Result: AuthResult.Pass, Policy: DmarcPolicy.Quarantine or DmarcPolicy.Reject, Record.Testing: false }
            || dmarc.Record is { Policy: DmarcPolicy.None } or { Subdomains: DmarcPolicy.None })
        {
            return null;
        }

        foreach (var domain in (string[])[dmarc.Domain, dmarc.PolicyDomain!])
        {
            var answer = await dns.TxtAsync($"default._bimi.{domain}", ct);
            if (answer.Records is [var text])
            {
                return Parse(domain, text);
            }

            if (answer.Records.Count > 1 || domain == dmarc.PolicyDomain)
            {
                break;
            }
        }

        return null;
    }

    public static BimiIndicator? Parse(string domain, string text) =>
        TagList.TryParse(text, out var tags) && tags.First == "v" && tags["v"] == "BIMI1" && IsHttps(tags["l"])
            ? new BimiIndicator(domain, tags["l"]!, IsHttps(tags["a"]) ? tags["a"] : null)
            : null;

    private static bool IsHttps(string? text) =>
        text is { Length: > 0 and <= MaxLocation } && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
        && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && text.AsSpan().IndexOfAny("\"\\;") < 0;
}
