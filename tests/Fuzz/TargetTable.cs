using SaaS.Fuzz.Targets;

namespace SaaS.Fuzz;

/// <summary>Every target there is.</summary>
internal static class TargetTable
{
    private static readonly Dictionary<string, Func<Target>> Makers = new Func<Target>[]
    {
        () => new AddressTarget(),
        () => new HeaderTarget(),
        () => new ImapReaderTarget(),
        () => new ManageSieveReaderTarget(),
        () => new MimeTarget(),
        () => new SieveTarget(),
        () => new SmtpReaderTarget(),
        () => SessionTarget.Imap("fresh", ""),
        () => SessionTarget.Imap("authenticated", "z1 LOGIN u1@example.test secret\r\n"),
        () => SessionTarget.Imap("selected", "z1 LOGIN u1@example.test secret\r\nz2 SELECT Archive\r\n"),
        () => SessionTarget.Imap("messages", "z1 LOGIN u1@example.test secret\r\nz2 ENABLE CONDSTORE\r\nz3 SELECT INBOX\r\n"),
        () => SessionTarget.Imap("utf8", "z1 LOGIN u1@example.test secret\r\nz2 ENABLE IMAP4rev2 QRESYNC UTF8=ACCEPT\r\nz3 SELECT INBOX\r\n"),
        () => SessionTarget.Imap("idle", "z1 LOGIN u1@example.test secret\r\nz2 SELECT INBOX\r\nz3 IDLE\r\n"),
        () => SessionTarget.Pop3("fresh", ""),
        () => SessionTarget.Pop3("transaction", "USER u1@example.test\r\nPASS secret\r\n"),
        () => SessionTarget.ManageSieve("fresh", ""),
        () => SessionTarget.ManageSieve("authenticated", "AUTHENTICATE \"PLAIN\" \"AHUxQGV4YW1wbGUudGVzdABzZWNyZXQ=\"\r\n"),
        () => SessionTarget.Smtp("mx", "fresh", ""),
        () => SessionTarget.Smtp("mx", "envelope", "EHLO c.test\r\nMAIL FROM:<a@remote.test>\r\nRCPT TO:<u1@example.test>\r\n"),
        () => SessionTarget.Smtp("mx", "data", "EHLO c.test\r\nMAIL FROM:<a@remote.test>\r\nRCPT TO:<u1@example.test>\r\nDATA\r\n"),
        () => SessionTarget.Smtp("submission", "authenticated", "EHLO c.test\r\nAUTH PLAIN AHUxQGV4YW1wbGUudGVzdABzZWNyZXQ=\r\n"),
        () => SessionTarget.Smtp("lmtp", "fresh", ""),
    }.ToDictionary(make => make().Name, StringComparer.Ordinal);

    public static IReadOnlyList<string> All => [.. Makers.Keys.Order(StringComparer.Ordinal)];

    public static Target Create(string name) => Makers[name]();
}
