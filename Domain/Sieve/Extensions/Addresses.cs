using System.Text;
using MimeKit;
using SaaS.Domain.Sieve.Matching;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve.Extensions;

/// <summary>address and envelope.</summary>
/// <remarks>RFC 5228 §5.1, §5.4; :user and :detail RFC 5233; envelope-dsn and envelope-deliverby RFC 6009 §3: no message comes with BY, which our SMTP does not offer.</remarks>
internal static class Addresses
{
    private static readonly TagSpec[] PartTags =
    [
        new("all"), new("localpart"), new("domain"), new("user", TagValue.None, "subaddress"), new("detail", TagValue.None, "subaddress"),
    ];

    // Fields whose value is a list of addresses.
    private static readonly HashSet<string> AddressFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "To", "Cc", "Bcc", "Sender", "Reply-To", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Bcc", "Resent-Sender",
        "Resent-Reply-To", "Delivered-To", "Return-Path", "X-Original-To", "Errors-To", "Mail-Followup-To", "Mail-Reply-To", "Return-Receipt-To",
        "Disposition-Notification-To", "Approved", "Apparently-To", "X-Forwarded-To", "X-Envelope-To", "Envelope-To",
    };

    private static readonly ParserOptions Lenient = new()
    {
        AddressParserComplianceMode = RfcComplianceMode.Looser,
        AllowUnquotedCommasInAddresses = true,
        AllowAddressesWithoutDomain = true,
        MaxAddressGroupDepth = 3,
    };

    private const int MaxAddresses = 10_000;

    /// <summary>Null local: an address that makes no sense, whole in Domain.</summary>
    private readonly record struct Parsed(string? Local, string Domain, string Whole);

    public static SieveCondition Address(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, [.. Match.Tags, .. PartTags, .. HeaderFields.IndexTags, .. HeaderFields.MimeTags]);
        var match = Match.Read(compiler, arguments);
        var part = Part(arguments);
        var fields = HeaderFields.Read(arguments);
        foreach (var name in fields.ConstantNames)
        {
            if (!AddressFields.Contains(name))
            {
                throw arguments.Wrong($"the field \"{name}\" holds no addresses");
            }
        }

        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();
        return m => match.Any(m, fields.All(m).SelectMany(f => Parse(f.Plain)).SelectMany(a => part(a)), keys);
    }

    public static SieveCondition Envelope(SieveCompiler compiler, SyntaxTest test)
    {
        var arguments = new SieveArguments(compiler, test, [.. Match.Tags, .. PartTags]);
        var match = Match.Read(compiler, arguments);
        var part = Part(arguments);
        var parts = arguments.Texts("the list of envelope parts");
        foreach (var name in parts)
        {
            var known = name.Constant?.ToLowerInvariant();
            if (known is not (null or "from" or "to" or "auth") && !(compiler.Has("envelope-dsn") && known is "notify" or "orcpt" or "ret" or "envid")
                && !(compiler.Has("envelope-deliverby") && known is "bytimeabsolute" or "bytimerelative" or "bymode" or "bytrace"))
            {
                throw arguments.Wrong(name.Line, $"unknown envelope part \"{name.Constant}\"");
            }
        }

        var keys = match.Check(arguments, arguments.Texts("the list of keys"));
        arguments.End();
        return m => match.Any(m, parts.SelectMany(p => EnvelopePart(m, p.Get(m), part)), keys);
    }

    private static IEnumerable<string> EnvelopePart(SieveMachine machine, string name, Func<Parsed, IEnumerable<string>> part)
    {
        var context = machine.Context;
        switch (name.ToLowerInvariant())
        {
            case "from":
                // The null reverse-path is the empty string, whatever part is asked for (RFC 5228 §5.4).
                return context.ReversePath is { } from ? part(new Parsed(from.LocalPart, from.Domain, from.ToString())) : [""];
            case "to":
                return part(new Parsed(context.Recipient.LocalPart, context.Recipient.Domain, context.Recipient.ToString()));
            case "notify":
                return context.Notify is { } notify ? notify.Split(',') : [];
            case "orcpt":
                return context.OriginalRecipient is { } original ? [original] : [];
            case "ret":
                return context.Return is { } ret ? [ret] : [];
            case "envid":
                return context.EnvelopeId is { } id ? [id] : [];
            default:
                return [];
        }
    }

    private static Func<Parsed, IEnumerable<string>> Part(SieveArguments arguments) =>
        arguments.OneOf("all", "localpart", "domain", "user", "detail") switch
        {
            "localpart" => static a => a.Local is null ? [] : [a.Local],
            "domain" => static a => a.Local is null ? [] : [a.Domain],
            "user" => static a => a.Local is null ? [] : [a.Local.IndexOf('+', StringComparison.Ordinal) is >= 0 and var at ? a.Local[..at] : a.Local],
            // Without a separator there is no detail, which is something else than an empty one (RFC 5233 §4).
            "detail" => static a => a.Local?.IndexOf('+', StringComparison.Ordinal) is >= 0 and var at ? [a.Local[(at + 1)..]] : [],
            _ => static a => [a.Whole],
        };

    private static IEnumerable<Parsed> Parse(string value)
    {
        if (value.Length == 0)
        {
            return [];
        }

        var bytes = Encoding.UTF8.GetBytes(value.Length > 64 * 1024 ? value[..(64 * 1024)] : value);
        if (!InternetAddressList.TryParse(Lenient, bytes, out var list))
        {
            return [new Parsed(null, "", value)];
        }

        return list.Count == 0 && value is "<>" ? [new Parsed("", "", "")] : Flatten(list).Take(MaxAddresses);
    }

    private static IEnumerable<Parsed> Flatten(InternetAddressList list)
    {
        foreach (var address in list)
        {
            switch (address)
            {
                case GroupAddress group:
                    foreach (var member in Flatten(group.Members))
                    {
                        yield return member;
                    }

                    break;
                case MailboxAddress mailbox:
                    var whole = mailbox.Address ?? "";
                    var at = whole.LastIndexOf('@');
                    yield return at < 0 ? new Parsed(whole, "", whole) : new Parsed(Unquote(whole[..at]), whole[(at + 1)..], whole);
                    break;
                default:
                    break;
            }
        }
    }

    private static string Unquote(string local) =>
        local.Length > 1 && local[0] == '"' && local[^1] == '"' ? local[1..^1].Replace("\\", "", StringComparison.Ordinal) : local;
}
