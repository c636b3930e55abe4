using System.Text;
using System.Text.Json;

namespace SaaS.Web.Webmail.Settings;

/// <summary>
/// Rules as a Sieve script, and back. Each rule stands as JSON in a comment before its code; the code is never read back, only made again:
/// a script that somebody changed by hand does not match, and stays theirs.
/// </summary>
public static class FilterScript
{
    public const string ScriptName = "Filters";
    public const int MaxRules = 100;
    private const string Head = "# Rules made in the webmail. A change by hand turns this into a script of your own.";
    private const string Mark = "# rule ";

    // JSON escapes every line end, so that no name can end its comment.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static string Write(IReadOnlyList<FilterRule> rules)
    {
        var script = new StringBuilder();
        script.Append(Head).Append("\r\n");
        script.Append("require [\"fileinto\", \"mailbox\", \"special-use\", \"imap4flags\", \"copy\", \"body\"];\r\n");
        foreach (var rule in rules)
        {
            script.Append("\r\n").Append(Mark).Append(JsonSerializer.Serialize(rule, Json)).Append("\r\n");
            Write(script, rule);
        }

        return script.ToString();
    }

    /// <summary>The rules of a script; null where it was not made here, or was changed by hand.</summary>
    public static List<FilterRule>? Read(string script)
    {
        if (!script.StartsWith(Head, StringComparison.Ordinal))
        {
            return null;
        }

        var rules = new List<FilterRule>();
        foreach (var line in script.Split("\r\n"))
        {
            if (!line.StartsWith(Mark, StringComparison.Ordinal))
            {
                continue;
            }

            try
            {
                if (JsonSerializer.Deserialize<FilterRule>(line[Mark.Length..], Json) is not { Conditions: not null } rule || rules.Count >= MaxRules)
                {
                    return null;
                }

                rules.Add(rule);
            }
            catch (JsonException)
            {
                return null;
            }
        }

        return Write(rules) == script ? rules : null;
    }

    private static void Write(StringBuilder script, FilterRule rule)
    {
        var tests = rule.Conditions.Select(Test).ToList();
        var test = tests.Count switch
        {
            0 => "false",
            1 => tests[0],
            _ => $"{(rule.All ? "allof" : "anyof")} (\r\n  {string.Join(",\r\n  ", tests)}\r\n)",
        };
        script.Append("if ").Append(rule.Enabled ? test : "false").Append(" {\r\n");
        if (rule.Star)
        {
            script.Append("  addflag \"\\\\Flagged\";\r\n");
        }

        if (rule.MarkRead)
        {
            script.Append("  addflag \"\\\\Seen\";\r\n");
        }

        if (!string.IsNullOrEmpty(rule.ForwardTo))
        {
            script.Append("  redirect :copy ").Append(Quote(rule.ForwardTo)).Append(";\r\n");
        }

        if (rule.Delete)
        {
            script.Append("  fileinto :specialuse \"\\\\Trash\" :create \"Trash\";\r\n");
        }
        else if (!string.IsNullOrEmpty(rule.MoveTo))
        {
            script.Append("  fileinto :create ").Append(Quote(rule.MoveTo)).Append(";\r\n");
        }

        if (rule.Stop)
        {
            script.Append("  stop;\r\n");
        }

        script.Append("}\r\n");
    }

    private static string Test(FilterCondition condition)
    {
        var match = condition.Test == "is" ? ":is" : ":contains";
        var value = Quote(condition.Value);
        var test = condition.Field switch
        {
            "from" => $"header {match} [\"from\", \"sender\"] {value}",
            "to" => $"header {match} [\"to\", \"cc\", \"delivered-to\"] {value}",
            "subject" => $"header {match} \"subject\" {value}",
            "list" => $"header {match} \"list-id\" {value}",
            _ => $"body :text {match} {value}",
        };

        // An address is compared without the name beside it.
        test = condition is { Test: "is", Field: "from" } ? $"address :is [\"from\", \"sender\"] {value}"
            : condition is { Test: "is", Field: "to" } ? $"address :is [\"to\", \"cc\", \"delivered-to\"] {value}"
            : test;
        return condition.Test == "not" ? $"not {test}" : test;
    }

    /// <summary>A quoted string of Sieve that ends where it should, whatever is in it.</summary>
    private static string Quote(string text)
    {
        var clean = new string([.. text.Where(c => !char.IsControl(c))]);
        return "\"" + clean.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }
}
