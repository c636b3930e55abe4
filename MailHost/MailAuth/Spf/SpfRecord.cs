using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace SaaS.MailHost.MailAuth.Spf;

internal enum SpfMechanism
{
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <summary>A directive: what it matches, and the result where it does.</summary>
/// <param name="Domain">The domain-spec, macros and all; null: the current domain.</param>
/// <param name="Network">Of ip4 and ip6.</param>
internal sealed record SpfDirective(AuthResult Result, SpfMechanism Mechanism, string? Domain, IPAddress? Network, int Prefix4, int Prefix6, string Text);

/// <summary>A record, checked whole before any of it is used (RFC 7208 §4.6).</summary>
internal sealed partial record SpfRecord(IReadOnlyList<SpfDirective> Directives, string? Redirect, string? Explanation)
{
    /// <summary>RFC 7208 §4.5: the version is followed by a space or nothing.</summary>
    public static bool IsRecord(string text) =>
        text.StartsWith("v=spf1", StringComparison.OrdinalIgnoreCase) && (text.Length == 6 || text[6] == ' ');

    /// <exception cref="SpfSyntaxException">It is not in the grammar of RFC 7208 §12.</exception>
    public static SpfRecord Parse(string text)
    {
        var directives = new List<SpfDirective>();
        string? redirect = null, explanation = null;
        foreach (var term in text[6..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ModifierName().Match(term) is not { Success: true } modifier)
            {
                directives.Add(ParseDirective(term));
                continue;
            }

            var (name, value) = (modifier.Groups[1].Value, term[modifier.Length..]);
            if (name.Equals("redirect", StringComparison.OrdinalIgnoreCase))
            {
                redirect = redirect is null ? DomainSpec(value) : throw new SpfSyntaxException("redirect= stands twice");
            }
            else if (name.Equals("exp", StringComparison.OrdinalIgnoreCase))
            {
                explanation = explanation is null ? DomainSpec(value) : throw new SpfSyntaxException("exp= stands twice");
            }
            else
            {
                SpfMacro.Check(value);
            }
        }

        return new SpfRecord(directives, redirect, explanation);
    }

    private static SpfDirective ParseDirective(string term)
    {
        var result = term[0] switch
        {
            '-' => AuthResult.Fail,
            '~' => AuthResult.SoftFail,
            '?' => AuthResult.Neutral,
            _ => AuthResult.Pass,
        };
        var rest = term[0] is '+' or '-' or '~' or '?' ? term[1..] : term;
        var end = rest.AsSpan().IndexOfAny(':', '/') is >= 0 and var i ? i : rest.Length;
        var (name, argument) = (rest[..end].ToLowerInvariant(), rest[end..]);
        SpfDirective Of(SpfMechanism mechanism, string? domain = null, IPAddress? network = null, int four = 32, int six = 128) =>
            new(result, mechanism, domain, network, four, six, term);
        switch (name)
        {
            case "all" when argument.Length == 0:
                return Of(SpfMechanism.All);
            case "include" when argument.StartsWith(':'):
                return Of(SpfMechanism.Include, DomainSpec(argument[1..]));
            case "exists" when argument.StartsWith(':'):
                return Of(SpfMechanism.Exists, DomainSpec(argument[1..]));
            case "ptr" when argument.Length == 0:
                return Of(SpfMechanism.Ptr);
            case "ptr" when argument.StartsWith(':'):
                return Of(SpfMechanism.Ptr, DomainSpec(argument[1..]));
            case "a" or "mx":
                // dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]
                var cidr = DualCidr().Match(argument);
                var domain = argument[..cidr.Index];
                return Of(
                    name == "a" ? SpfMechanism.A : SpfMechanism.Mx,
                    domain.Length == 0 ? null : domain[0] == ':' ? DomainSpec(domain[1..]) : throw Unknown(term),
                    null, Prefix(cidr.Groups[1], 32), Prefix(cidr.Groups[2], 128));
            case "ip4" when Network4().Match(argument) is { Success: true } m && m.Groups[1].Value.Split('.').All(IsOctet):
                return Of(SpfMechanism.Ip4, null, IPAddress.Parse(m.Groups[1].Value), four: Prefix(m.Groups[2], 32));
            case "ip6" when Network6().Match(argument) is { Success: true } m && IPAddress.TryParse(m.Groups[1].ValueSpan, out var address)
                && address.AddressFamily == AddressFamily.InterNetworkV6:
                return Of(SpfMechanism.Ip6, null, address, six: Prefix(m.Groups[2], 128));
            default:
                throw Unknown(term);
        }
    }

    private static SpfSyntaxException Unknown(string term) => new($"\"{term}\" is no mechanism");

    // domain-spec = macro-string domain-end; domain-end = ( "." toplabel [ "." ] ) / macro-expand
    private static string DomainSpec(string text)
    {
        if (!SpfMacro.Check(text))
        {
            var name = text.EndsWith('.') ? text[..^1] : text;
            var dot = name.LastIndexOf('.');
            if (dot < 0 || !IsTopLabel(name.AsSpan(dot + 1)))
            {
                throw new SpfSyntaxException($"\"{text}\" is no domain");
            }
        }

        return text;
    }

    private static bool IsTopLabel(ReadOnlySpan<char> label)
    {
        var letter = false;
        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
            {
                return false;
            }

            letter |= !char.IsAsciiDigit(c);
        }

        return letter && label[0] != '-' && label[^1] != '-';
    }

    // qnum: no leading zeros
    private static bool IsOctet(string part) => part is "0" || (part[0] != '0' && int.Parse(part, CultureInfo.InvariantCulture) <= 255);

    private static int Prefix(Group group, int max) =>
        !group.Success ? max
        : int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) is var n && n <= max ? n
        : throw new SpfSyntaxException($"/{n} is longer than an address");

    [GeneratedRegex("^([A-Za-z][A-Za-z0-9._-]*)=", RegexOptions.CultureInvariant)]
    private static partial Regex ModifierName();

    [GeneratedRegex(@"(?:(?<!/)/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex DualCidr();

    [GeneratedRegex(@"^:([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?:/(0|[1-9][0-9]?))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Network4();

    [GeneratedRegex(@"^:([0-9A-Fa-f:.]{2,45})(?:/(0|[1-9][0-9]{0,2}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Network6();
}
