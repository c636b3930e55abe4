using System.Collections.Frozen;
using SaaS.Domain.Sieve.Extensions;
using SaaS.Domain.Sieve.Syntax;

namespace SaaS.Domain.Sieve;

/// <summary>Every command, test and extension there is.</summary>
internal static class CommandTable
{
    /// <param name="Extensions">One of them must be required; none: base language.</param>
    internal sealed record CommandEntry(Func<SieveCompiler, SyntaxCommand, SieveStep> Compile, bool TakesBlock, params string[] Extensions);

    internal sealed record TestEntry(Func<SieveCompiler, SyntaxTest, SieveCondition> Compile, bool TakesTests, params string[] Extensions);

    public static FrozenDictionary<string, CommandEntry> Commands { get; } = new Dictionary<string, CommandEntry>
    {
        ["stop"] = new(BaseCommands.Stop, false),
        ["keep"] = new(BaseCommands.Keep, false),
        ["discard"] = new(BaseCommands.Discard, false),
        ["redirect"] = new(Redirects.Redirect, false),
        ["fileinto"] = new(BaseCommands.FileInto, false, "fileinto"),
        ["reject"] = new(Rejects.Reject, false, "reject"),
        ["ereject"] = new(Rejects.Reject, false, "ereject"),
        ["set"] = new(Variables.Set, false, "variables"),
        ["setflag"] = new(ImapFlags.Set, false, "imap4flags"),
        ["addflag"] = new(ImapFlags.Add, false, "imap4flags"),
        ["removeflag"] = new(ImapFlags.Remove, false, "imap4flags"),
        ["vacation"] = new(Vacations.Vacation, false, "vacation"),
        ["notify"] = new(Notifications.Notify, false, "enotify"),
        ["addheader"] = new(EditHeader.Add, false, "editheader"),
        ["deleteheader"] = new(EditHeader.Delete, false, "editheader"),
        ["include"] = new(Includes.Include, false, "include"),
        ["return"] = new(Includes.Return, false, "include"),
        ["global"] = new(Includes.Global, false, "include"),
        ["error"] = new(IHave.Error, false, "ihave"),
        ["foreverypart"] = new(Mime.ForEveryPart, true, "foreverypart"),
        ["break"] = new(Mime.Break, false, "foreverypart"),
        ["extracttext"] = new(Mime.ExtractText, false, "extracttext"),
        ["replace"] = new(Mime.Replace, false, "replace"),
        ["enclose"] = new(Mime.Enclose, false, "enclose"),
        ["convert"] = new(Conversions.Command, false, "convert"),
        ["debug_log"] = new(Surroundings.DebugLog, false, "vnd.dovecot.debug"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static FrozenDictionary<string, TestEntry> Tests { get; } = new Dictionary<string, TestEntry>
    {
        ["true"] = new(BaseTests.True, false),
        ["false"] = new(BaseTests.False, false),
        ["not"] = new(BaseTests.Not, true),
        ["allof"] = new(BaseTests.AllOf, true),
        ["anyof"] = new(BaseTests.AnyOf, true),
        ["exists"] = new(BaseTests.Exists, false),
        ["header"] = new(BaseTests.Header, false),
        ["address"] = new(Addresses.Address, false),
        ["envelope"] = new(Addresses.Envelope, false, "envelope"),
        ["size"] = new(BaseTests.Size, false),
        ["string"] = new(Variables.String, false, "variables"),
        ["hasflag"] = new(ImapFlags.Has, false, "imap4flags"),
        ["body"] = new(Bodies.Body, false, "body"),
        ["date"] = new(Dates.Date, false, "date"),
        ["currentdate"] = new(Dates.CurrentDate, false, "date"),
        ["duplicate"] = new(Duplicates.Duplicate, false, "duplicate", "vnd.dovecot.duplicate"),
        ["environment"] = new(Surroundings.Environment, false, "environment"),
        ["ihave"] = new(IHave.Test, false, "ihave"),
        ["mailboxexists"] = new(MailboxTests.Exists, false, "mailbox"),
        ["metadata"] = new(MetadataTests.OfMailbox, false, "mboxmetadata"),
        ["metadataexists"] = new(MetadataTests.ExistsInMailbox, false, "mboxmetadata"),
        ["servermetadata"] = new(MetadataTests.OfServer, false, "servermetadata"),
        ["servermetadataexists"] = new(MetadataTests.ExistsOnServer, false, "servermetadata"),
        ["valid_ext_list"] = new(ExternalLists.Valid, false, "extlists"),
        ["mailboxidexists"] = new(MailboxTests.IdExists, false, "mailboxid"),
        ["specialuse_exists"] = new(MailboxTests.SpecialUseExists, false, "special-use"),
        ["spamtest"] = new(SpamTests.Spam, false, "spamtest", "spamtestplus"),
        ["virustest"] = new(SpamTests.Virus, false, "virustest"),
        ["valid_notify_method"] = new(Notifications.ValidMethod, false, "enotify"),
        ["notify_method_capability"] = new(Notifications.MethodCapability, false, "enotify"),
        ["convert"] = new(Conversions.Test, false, "convert"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IReadOnlyList<string> ExtensionList { get; } =
    [
        "fileinto", "reject", "ereject", "envelope", "encoded-character", "vacation", "vacation-seconds", "subaddress",
        "comparator-i;ascii-numeric", "comparator-i;unicode-casemap", "relational", "regex", "imap4flags", "copy", "include", "body",
        "variables", "enotify", "environment", "mailbox", "mailboxid", "special-use", "date", "index", "ihave", "duplicate", "mime",
        "foreverypart", "extracttext", "replace", "enclose", "convert", "editheader", "spamtest", "spamtestplus", "virustest",
        "fcc", "envelope-dsn", "redirect-dsn", "extlists", "mboxmetadata",
        "servermetadata", "envelope-deliverby", "vnd.dovecot.environment", "vnd.dovecot.debug", "vnd.dovecot.duplicate",
    ];

    public static FrozenSet<string> Extensions { get; } =
        ExtensionList.Append("comparator-i;octet").Append("comparator-i;ascii-casemap").ToFrozenSet(StringComparer.Ordinal);
}
