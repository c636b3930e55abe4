namespace SaaS.Web.Account;

/// <summary>What a browser calls itself, as a person says it.</summary>
internal static class UserAgents
{
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    public static string Name(string? agent)
    {
        var browser = Find(Browsers, agent);
        var system = Find(Systems, agent);
        return browser is null && system is null ? "Unknown browser" : system is null ? browser! : browser is null ? system : $"{browser} on {system}";
    }

    private static string? Find((string Mark, string Name)[] known, string? agent) =>
        known.FirstOrDefault(x => agent?.Contains(x.Mark, StringComparison.Ordinal) == true).Name;
}
