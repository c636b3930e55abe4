using System.Security.Cryptography;
using System.Text;

namespace SaaS.Api.Identity;

/// <summary>The one script of the sign-in pages, which the webmail's settings use too: it carries passkeys between browser and server.</summary>
internal static class SiteScript
{
    private const string Code = """
        (() => {
          const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
          const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
          const listed = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));
          const answer = (c, response) => JSON.stringify({
            id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment || undefined,
            clientExtensionResults: c.getClientExtensionResults(), response,
          });
          window.passkey = {
            can: () => !!window.PublicKeyCredential,
            async make(json) {
              const o = JSON.parse(json);
              const c = await navigator.credentials.create({ publicKey: {
                ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: listed(o.excludeCredentials) } });
              return answer(c, {
                clientDataJSON: text(c.response.clientDataJSON), attestationObject: text(c.response.attestationObject),
                transports: c.response.getTransports ? c.response.getTransports() : [],
              });
            },
            async use(json) {
              const o = JSON.parse(json);
              const c = await navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: listed(o.allowCredentials) } });
              return answer(c, {
                clientDataJSON: text(c.response.clientDataJSON), authenticatorData: text(c.response.authenticatorData), signature: text(c.response.signature),
                userHandle: c.response.userHandle ? text(c.response.userHandle) : null,
              });
            },
          };
          const form = document.getElementById('passkey');
          if (!form || !window.passkey.can()) { return; }
          form.hidden = false;
          form.addEventListener('submit', async (e) => {
            e.preventDefault();
            const says = document.getElementById('passkey-says');
            try {
              const asked = await (await fetch('/connect/passkey/options', { method: 'POST' })).json();
              form.elements.state.value = asked.state;
              form.elements.credential.value = await window.passkey.use(asked.options);
              form.submit();
            } catch {
              says.textContent = 'The passkey was not used. Try again, or use another way.';
              says.hidden = false;
            }
          });
        })();
        """;

    /// <summary>Changes with the script, so that it can be kept for ever.</summary>
    public static string Tag { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Code)))[..12];

    public static IResult Get(HttpContext context)
    {
        context.Response.Headers.CacheControl = context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "public, max-age=300";
        return Results.Text(Code, "text/javascript", Encoding.UTF8);
    }
}
