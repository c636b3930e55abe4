using SaaS.Domain.Delivery;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Extensions;

/// <summary>DSN: what the sender wants to be told, and with what in it.</summary>
/// <remarks>RFC 3461 §4.</remarks>
internal sealed class DsnExtension : SmtpExtension
{
    public override string? Keyword(SmtpSession session) => "DSN";

    public override IReadOnlyList<string> MailParameters { get; } = ["RET", "ENVID"];

    public override IReadOnlyList<string> RcptParameters { get; } = ["NOTIFY", "ORCPT"];

    // ret-value = "FULL" / "HDRS" (§4.3)   envid-parameter = xtext, at most 100 characters (§4.4)
    public override SmtpReply? OnMail(SmtpSession session, SmtpTransaction transaction, EsmtpParameter parameter)
    {
        if (parameter.Keyword == "RET")
        {
            switch (parameter.Value?.ToUpperInvariant())
            {
                case "FULL":
                    transaction.ReturnFull = true;
                    return null;
                case "HDRS":
                    return null;
                default:
                    return BadValue("RET");
            }
        }

        if (parameter.Value is not { Length: <= 100 } value || !XText.TryDecode(value, out var decoded))
        {
            return BadValue("ENVID");
        }

        transaction.EnvelopeId = decoded;
        return null;
    }

    public override SmtpReply? OnRcpt(SmtpSession session, SmtpRecipient recipient, EsmtpParameter parameter)
    {
        if (parameter.Keyword == "NOTIFY")
        {
            if (Notify(parameter.Value) is not { } notify)
            {
                return BadValue("NOTIFY");
            }

            recipient.Notify = notify;
            return null;
        }

        // original-recipient-address = addr-type ";" xtext, at most 500 characters (§4.2); utf-8 addresses RFC 6533 §3
        if (parameter.Value is not { Length: <= 500 } value
            || value.IndexOf(';', StringComparison.Ordinal) is not (> 0 and var semicolon)
            || semicolon == value.Length - 1)
        {
            return BadValue("ORCPT");
        }

        var type = value[..semicolon];
        var encoded = value[(semicolon + 1)..];
        if (type.AsSpan().ContainsAnyExcept(AddressTypeCharacters) || !Decode(type, encoded, out var original))
        {
            return BadValue("ORCPT");
        }

        recipient.OriginalRecipient = $"{type};{original}";
        return null;
    }

    private static System.Buffers.SearchValues<char> AddressTypeCharacters { get; } =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    private static bool Decode(string type, string encoded, out string original)
    {
        if (type.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !System.Text.Ascii.IsValid(encoded))
        {
            original = encoded;
            return true;
        }

        return XText.TryDecode(encoded, out original);
    }

    // notify-esmtp-value = "NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" )   §4.1
    private static DsnNotify? Notify(string? value)
    {
        var notify = DsnNotify.Default;
        foreach (var word in (value ?? "").Split(','))
        {
            DsnNotify? one = word.ToUpperInvariant() switch
            {
                "NEVER" => DsnNotify.Never,
                "SUCCESS" => DsnNotify.Success,
                "FAILURE" => DsnNotify.Failure,
                "DELAY" => DsnNotify.Delay,
                _ => null,
            };
            if (one is null)
            {
                return null;
            }

            notify |= one.Value;
        }

        return notify.HasFlag(DsnNotify.Never) && notify != DsnNotify.Never ? null : notify;
    }
}
