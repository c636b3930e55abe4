using System.Security.Cryptography;
using System.Text;

namespace SaaS.Api.Identity;

/// <summary>The one style sheet of the sign-in pages: light and dark, phone to desktop, no script. The typeface is Web's; without Web in front it is the system's.</summary>
internal static class SiteStyle
{
    private const string Css = """
        @font-face{font-family:"Inter";font-weight:100 900;font-display:swap;src:url("/fonts/inter-latin.woff2") format("woff2");unicode-range:U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2212}
        @font-face{font-family:"Inter";font-weight:100 900;font-display:swap;src:url("/fonts/inter-latin-ext.woff2") format("woff2");unicode-range:U+0100-02BA,U+1E00-1E9F,U+1EF2-1EFF,U+2C60-2C7F,U+A720-A7FF}
        :root{--bg:#f2f4f8;--card:#fff;--text:#1b2030;--soft:#565e73;--line:#8b93a7;--error:#a4161a;--error-bg:#fdecec;--shadow:0 1px 2px #1b203014,0 12px 40px #1b203014}
        @media (prefers-color-scheme:dark){:root{--bg:#10131a;--card:#1a1f2a;--text:#eceff6;--soft:#a8b0c3;--line:#68718a;--error:#ffb3b3;--error-bg:#3a1d22;--shadow:0 0 0 1px #ffffff14}}
        *{box-sizing:border-box}
        html{font:16px/1.5 "Inter",system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:radial-gradient(90rem 50rem at 50% -10%,color-mix(in srgb,var(--primary) 14%,var(--bg)),var(--bg)) fixed;color:var(--text)}
        body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:24px 16px;border-top:4px solid var(--primary)}
        main{width:100%;max-width:400px}
        .card{background:var(--card);border-radius:16px;padding:36px 36px 40px;box-shadow:var(--shadow)}
        header{display:flex;align-items:center;gap:12px;min-height:44px;margin-bottom:24px}
        .logo{max-height:52px;max-width:100%;display:block}
        .mark{width:44px;height:44px;border-radius:12px;display:grid;place-items:center;background:var(--primary);color:var(--on-primary);font-weight:700;font-size:1.3rem}
        .brand{font-weight:650;font-size:1.15rem;letter-spacing:-.01em}
        h1{font-size:1.55rem;line-height:1.25;letter-spacing:-.02em;font-weight:650;margin:0 0 20px}
        p{margin:0 0 16px}
        label{display:block;font-size:.9rem;font-weight:550;margin:16px 0 6px}
        input:not([type=hidden]){width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:10px;padding:11px 14px;min-height:48px}
        input:focus-visible{outline:2px solid var(--primary);outline-offset:1px;border-color:transparent}
        input[aria-invalid]{border-color:var(--error)}
        button,.button{display:inline-block;width:100%;font:inherit;font-weight:600;text-align:center;text-decoration:none;border:0;border-radius:10px;min-height:48px;padding:12px 20px;margin-top:28px;background:var(--primary);color:var(--on-primary);cursor:pointer}
        button:hover,.button:hover{filter:brightness(1.08)}
        button:focus-visible,.button:focus-visible,a:focus-visible{outline:3px solid var(--text);outline-offset:2px}
        .address{overflow-wrap:anywhere}
        .note{color:var(--soft);font-size:.85rem}
        input+.note{margin-top:10px}
        form .choice{margin-top:28px}
        .choice>*{margin-top:0;flex:1;width:auto;padding-inline:12px}
        .quiet{background:transparent;color:inherit;border:1px solid var(--line)}
        .choice{display:flex;gap:12px}
        .scopes{padding:0;margin:0;list-style:none}
        .scopes li{padding:10px 0;border-top:1px solid color-mix(in srgb,var(--line) 35%,transparent)}
        .error{background:var(--error-bg);color:var(--error);border-radius:10px;padding:11px 14px;font-size:.95rem}
        form+form{margin-top:-12px}
        .qr{display:block;width:220px;max-width:100%;margin:0 auto 16px;border-radius:10px;background:#fff}
        .codes{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:1fr 1fr;gap:8px;font-size:.95rem}
        .codes code,.note code{font-family:ui-monospace,Menlo,Consolas,monospace}
        [hidden]{display:none!important}
        footer{display:flex;justify-content:center;gap:16px;margin-top:20px;font-size:.85rem;color:var(--soft)}
        footer a{color:inherit}
        @media (max-width:440px){body{padding:0;place-items:stretch;background:var(--card)}.card{border-radius:0;box-shadow:none;padding:32px 24px}}
        @media (prefers-reduced-motion:no-preference){button,.button{transition:filter .12s}}
        """;

    /// <summary>Changes with the sheet, so that it can be kept for ever.</summary>
    public static string Tag { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Css)))[..12];

    public static IResult Get(HttpContext context)
    {
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Text(Css, "text/css", Encoding.UTF8);
    }
}
