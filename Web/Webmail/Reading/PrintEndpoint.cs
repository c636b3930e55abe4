using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using SaaS.Client.Jmap;
using SaaS.Web.Auth;

namespace SaaS.Web.Webmail.Reading;

/// <summary>One message on paper. The page has no origin of ours (CSP sandbox), and one script: the one that opens the print dialog.</summary>
internal static class PrintEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/mail/print/{emailId}", ShowAsync).RequireAuthorization();

    private static async Task<IResult> ShowAsync(
        string emailId, string? images, HttpContext context, JmapClient jmap, MailHtml html, ImageLinks links, ApiAccess api, TimeProvider clock)
    {
        Email? email;
        try
        {
            email = (await jmap.GetEmailsAsync(JmapIds.Of([emailId]), Email.ReadProperties, EmailBodyOptions.ForReading, context.RequestAborted)).List.Front();
        }
        catch (JmapRequestException e)
        {
            return Results.StatusCode((int)e.Status);
        }

        if (email is null)
        {
            return Results.NotFound();
        }

        var origin = new Uri(PublicOrigin.Of(context.Request));
        var session = await api.SessionAsync();
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; img-src data: {new Uri(origin, "/mail/image/")}; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; form-action 'none'; "
            + "base-uri 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-modals";
        context.Response.Headers.CacheControl = "private, no-store";

        var inline = (email.Attachments ?? []).Concat(email.HtmlBody ?? []).Where(p => p.Cid is not null && p.BlobId is not null)
            .DistinctBy(p => p.Cid, StringComparer.Ordinal).ToDictionary(p => p.Cid!, StringComparer.Ordinal);
        var frame = new FrameOptions(
            origin,
            images == "1" ? url => links.Remote(origin, url) : null,
            cid => session is not null && inline.TryGetValue(cid, out var picture)
                ? links.Inline(origin, session, picture.BlobId!, picture.Type ?? "image/png") : null,
            Dark: false);
        var body = new StringBuilder();
        foreach (var part in email.HtmlBody is { Count: > 0 } rich ? rich : email.TextBody ?? [])
        {
            if (part.PartId is { } id && email.BodyValues?.GetValueOrDefault(id) is { } value)
            {
                body.Append(part.Type == "text/html" ? html.Clean(value.Value, frame) : $"<pre>{WebUtility.HtmlEncode(value.Value)}</pre>");
            }
        }

        string Line(string name, string? text) =>
            string.IsNullOrEmpty(text) ? "" : $"<tr><th>{name}</th><td>{WebUtility.HtmlEncode(text)}</td></tr>";
        string People(IReadOnlyList<EmailAddress>? list) => string.Join(", ", (list ?? []).Select(a =>
            string.IsNullOrEmpty(a.Name) ? a.Email : $"{a.Name} <{a.Email}>"));
        var at = TimeZoneInfo.ConvertTime(email.ReceivedAt ?? clock.GetUtcNow(), clock.LocalTimeZone);
        var subject = string.IsNullOrWhiteSpace(email.Subject) ? "(no subject)" : email.Subject;
        var page = $"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>{WebUtility.HtmlEncode(subject)}</title><style>
            body{"{"}font:11pt/1.5 system-ui,sans-serif;color:#000;margin:24px;overflow-wrap:anywhere{"}"}h1{"{"}font-size:16pt;margin:0 0 8px{"}"}
            table.head{"{"}border-collapse:collapse;margin-bottom:16px;border-bottom:1px solid #999;width:100%{"}"}table.head th{"{"}text-align:left;color:#555;font-weight:500;padding:1px 12px 1px 0;width:1%;white-space:nowrap;vertical-align:top{"}"}
            pre{"{"}white-space:pre-wrap;font:inherit{"}"}img{"{"}max-width:100%;height:auto{"}"}img:not([src]){"{"}display:none{"}"}@media print{"{"}body{"{"}margin:0{"}"}{"}"}
            </style></head><body><h1>{WebUtility.HtmlEncode(subject)}</h1><table class="head">
            {Line("From", People(email.From))}{Line("To", People(email.To))}{Line("Cc", People(email.Cc))}{Line("Date", at.ToString("f", CultureInfo.CurrentCulture))}
            {Line("Files", string.Join(", ", (email.Attachments ?? []).Where(a => a.Name is not null).Select(a => a.Name)))}
            </table>{body}<script nonce="{nonce}">addEventListener('load', () => print());</script></body></html>
            """;
        return Results.Content(page, "text/html; charset=utf-8");
    }
}
