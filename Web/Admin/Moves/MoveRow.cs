using SaaS.Client.Moves;
using SaaS.Web.Portal;

namespace SaaS.Web.Admin.Moves;

/// <summary>One line of a file of accounts to move, and what became of it.</summary>
internal sealed class MoveRow
{
    public required int Line { get; init; }
    public required string UserName { get; init; }
    public required string Password { get; init; }
    public required string Target { get; init; }
    /// <summary>Why it cannot be ordered, or was not.</summary>
    public string? Problem { get; set; }
    public long? MoveId { get; set; }
    /// <summary>As it was seen last.</summary>
    public MoveView? Move { get; set; }

    /// <summary>
    /// Reads user, password and target by the names in the first line, in any order. With a master user the password may be left out; without
    /// a target the user's name is taken where it is an address. Returns the rows, or what is wrong with the file as a whole.
    /// </summary>
    public static (List<MoveRow> Rows, string? Problem) Read(string text, string? masterPassword, int max)
    {
        if (Csv.Parse(text, max + 1) is not { } table)
        {
            return ([], $"This is not a CSV file, or it has more than {Show.Number(max)} lines.");
        }

        var heads = table[0].ConvertAll(h => h.ToLowerInvariant());
        int Column(params string[] names) => heads.FindIndex(h => names.Contains(h, StringComparer.Ordinal));
        var (user, password, target) = (
            Column("user", "username", "source", "login"), Column("password", "source password"), Column("target", "address", "account", "email"));
        if (user < 0)
        {
            return ([], "The first line has to name the columns; one of them is “user”.");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var rows = new List<MoveRow>();
        for (var i = 1; i < table.Count; i++)
        {
            string Cell(int at) => at >= 0 && at < table[i].Count ? table[i][at] : "";
            var name = Cell(user);
            var to = Cell(target) is { Length: > 0 } named ? named : name;
            var secret = masterPassword ?? Cell(password);
            rows.Add(new MoveRow
            {
                Line = i + 1,
                UserName = name,
                Password = secret,
                Target = to,
                Problem = name.Length == 0 ? "The user is missing."
                    : secret.Length == 0 ? "The password is missing."
                    : !to.Contains('@', StringComparison.Ordinal) ? "Which account? The target is missing."
                    : !seen.Add(to) ? "The account stands in the file twice."
                    : null,
            });
        }

        return (rows, rows.Count == 0 ? "The file has no line below its first." : null);
    }
}
