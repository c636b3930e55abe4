using SaaS.Domain.Common;

namespace SaaS.Domain.Domains;

/// <summary>Names that no tenant can claim: public suffixes, and providers whose mail a claim would capture. Operators may.</summary>
internal static class DomainRules
{
    private static readonly HashSet<string> WellKnown = new(StringComparer.Ordinal)
    {
        "gmail.com", "googlemail.com", "google.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "microsoft.com", "office365.com",
        "outlook.de", "outlook.fr", "hotmail.de", "hotmail.fr", "hotmail.it", "hotmail.es", "hotmail.co.uk", "live.de", "live.fr", "live.nl",
        "live.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.it", "yahoo.es", "yahoo.co.uk", "yahoo.co.jp", "yahoo.co.in", "yahoo.ca",
        "ymail.com", "rocketmail.com", "aol.com", "aol.de", "icloud.com", "me.com", "mac.com", "apple.com", "proton.me", "protonmail.com",
        "protonmail.ch", "pm.me", "tuta.com", "tutanota.com", "tutanota.de", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de",
        "t-online.de", "freenet.de", "1und1.de", "arcor.de", "vodafone.de", "mail.de", "posteo.de", "mailbox.org", "fastmail.com",
        "fastmail.fm", "hey.com", "zoho.com", "zohomail.com", "mail.com", "mail.ru", "inbox.ru", "list.ru", "bk.ru", "yandex.ru",
        "yandex.com", "rambler.ru", "qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sohu.com", "aliyun.com",
        "naver.com", "daum.net", "hanmail.net", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "neuf.fr", "bbox.fr",
        "libero.it", "virgilio.it", "tiscali.it", "alice.it", "tim.it", "btinternet.com", "sky.com", "virginmedia.com", "talktalk.net",
        "ntlworld.com", "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "cox.net", "charter.net", "earthlink.net",
        "rogers.com", "shaw.ca", "telus.net", "bigpond.com", "optusnet.com.au", "xtra.co.nz", "uol.com.br", "bol.com.br", "terra.com.br",
        "globo.com", "wp.pl", "o2.pl", "onet.pl", "interia.pl", "seznam.cz", "centrum.cz", "azet.sk", "ukr.net", "abv.bg", "bluewin.ch",
        "sunrise.ch", "hispeed.ch", "a1.net", "aon.at", "chello.at", "telenet.be", "skynet.be", "proximus.be", "ziggo.nl", "kpnmail.nl",
        "xs4all.nl", "planet.nl", "home.nl", "hetnet.nl", "telefonica.net", "movistar.es", "sapo.pt", "docomo.ne.jp", "ezweb.ne.jp",
        "softbank.ne.jp", "rediffmail.com", "facebook.com", "amazon.com", "amazonaws.com", "azurewebsites.net", "github.io", "github.com",
        "gitlab.io", "herokuapp.com", "vercel.app", "netlify.app", "pages.dev", "workers.dev", "cloudfront.net", "appspot.com", "web.app",
        "firebaseapp.com", "blogspot.com", "wordpress.com", "myshopify.com", "duckdns.org", "no-ip.org", "dyndns.org",
    };

    // Second levels under which country registries sell names: co.uk, com.au, ac.jp (the regular part of the public suffix list).
    private static readonly HashSet<string> SecondLevels = new(StringComparer.Ordinal)
    {
        "ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "gv", "id", "ind", "info", "ltd", "me", "mil", "ne", "net", "nhs", "nom", "or",
        "org", "plc", "police", "sch", "gen", "firm", "web", "biz", "asn", "govt", "iwi", "maori", "geek", "school", "adv", "art", "blog",
        "ed", "gr", "lg", "ad", "in", "res",
    };

    /// <summary>Why this name can be nobody's mail domain here; null where it can.</summary>
    public static Refusal? Check(string name)
    {
        var labels = name.Split('.');
        if (labels.Length == 1 || (labels.Length == 2 && labels[1].Length == 2 && SecondLevels.Contains(labels[0])))
        {
            return Refusal.Invalid("name", "This is a registry's own suffix, not a domain of one owner.");
        }

        for (var i = 0; i < labels.Length - 1; i++)
        {
            if (WellKnown.Contains(string.Join('.', labels[i..])))
            {
                return Refusal.Invalid("name", "This domain belongs to a public mail or hosting provider.");
            }
        }

        return null;
    }

    /// <summary>The name's parents, nearest first: b.c.example, c.example.</summary>
    public static IEnumerable<string> Parents(string name)
    {
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            yield return name[(dot + 1)..];
        }
    }
}
