using System.Globalization;
using SaaS.Client.Accounts;
using SaaS.Web.Portal;

namespace SaaS.Web.Admin.Accounts;

/// <summary>One line of a file of accounts to make, and what became of it.</summary>
internal sealed class AccountRow
{
    public required int Line { get; init; }
    public required string Address { get; init; }
    public required string Name { get; init; }
    public required string Password { get; init; }
    /// <summary>The file held no password: this one was made up and has to be handed over.</summary>
    public required bool Made { get; init; }
    /// <summary>From another system, instead of a password.</summary>
    public string? Hash { get; init; }
    public long? QuotaBytes { get; init; }
    public bool Admin { get; init; }
    /// <summary>Why it cannot be made, or was not.</summary>
    public string? Problem { get; set; }
    public bool Done { get; set; }

    public CreateAccount ToRequest() => new(
        Address, Name, Hash is null ? Password : null, QuotaBytes: QuotaBytes, Roles: Admin ? [AccountRole.TenantAdmin] : null, PasswordHash: Hash);

    /// <summary>
    /// Reads address, name, password or passwordhash, quota (gigabytes) and admin (yes) by the names in the first line, in any order; only the address is needed.
    /// Returns the rows, or what is wrong with the file as a whole.
    /// </summary>
    public static (List<AccountRow> Rows, string? Problem) Read(string text, IReadOnlyCollection<string> domains, int max)
    {
        if (Csv.Parse(text, max + 1) is not { } table)
        {
            return ([], $"This is not a CSV file, or it has more than {Show.Number(max)} lines.");
        }

        var heads = table[0].ConvertAll(h => h.ToLowerInvariant());
        int Column(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (heads.IndexOf(name) is var at and >= 0)
                {
                    return at;
                }
            }

            return -1;
        }

        var hash = Column("passwordhash", "password hash", "hash");
        var (address, name, password, quota, admin) = (
            Column("address", "email", "e-mail"), Column("name", "displayname", "display name"), Column("password"), Column("quota", "quotagb", "quota gb"),
            Column("admin", "administrator"));
        if (address < 0)
        {
            return ([], "The first line has to name the columns; one of them is “address”.");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var rows = new List<AccountRow>();
        for (var i = 1; i < table.Count; i++)
        {
            string Cell(int at) => at >= 0 && at < table[i].Count ? table[i][at] : "";
            var given = Cell(password);
            var quotaIsRight = QuotaInput.TryRead(Cell(quota), out var bytes);
            rows.Add(new AccountRow
            {
                Line = i + 1,
                Address = Cell(address).ToLowerInvariant(),
                Name = Cell(name) is { Length: > 0 } named ? named : Cell(address).Split('@')[0],
                Password = given.Length > 0 ? given : Passwords.Make(),
                Made = given.Length == 0 && Cell(hash).Length == 0,
                Hash = given.Length == 0 && Cell(hash) is { Length: > 0 } imported ? imported : null,
                QuotaBytes = bytes,
                Admin = Cell(admin).ToLowerInvariant() is "yes" or "true" or "1",
                Problem = !domains.Contains(Cell(address).Split('@')[^1].ToLowerInvariant()) ? "Its domain is none of your proven ones."
                    : !seen.Add(Cell(address)) ? "The address stands in the file twice."
                    : !quotaIsRight ? "The quota is no number of gigabytes."
                    : null,
            });
        }

        return (rows, rows.Count == 0 ? "The file has no line below its first." : null);
    }

    /// <summary>What to hand over: the accounts that were made, with the passwords that were made up; and what was not made and why.</summary>
    public static string Report(IEnumerable<AccountRow> rows) => Csv.Line(["line", "address", "name", "password", "result"]) + string.Concat(rows.Select(r => Csv.Line(
    [
        r.Line.ToString(CultureInfo.InvariantCulture), r.Address, r.Name, r is { Done: true, Made: true } ? r.Password : "",
        r.Done ? "created" : r.Problem ?? "not tried",
    ])));
}
