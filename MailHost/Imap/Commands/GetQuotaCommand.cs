using SaaS.Domain.Mailboxes;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>GETQUOTA: use and limit of the one quota root that an account has.</summary>
/// <remarks>RFC 9208 §4.1.1.</remarks>
internal sealed class GetQuotaCommand(MailboxService mailboxes) : ImapCommand<GetQuotaCommand.Args>
{
    public const string Root = "account";

    internal sealed record Args(string Root);

    public override CommandInfo Info { get; } = new("GETQUOTA")
    {
        States = ImapStates.SignedIn,
        Capabilities = ["QUOTA", "QUOTA=RES-STORAGE", "QUOTA=RES-MESSAGE"],
    };

    // getquota = "GETQUOTA" SP quota-root-name
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        return new Args(r.AString());
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct) =>
        a.Root == Root && await WriteAsync(s, mailboxes, ct) ? ImapResult.Ok : ImapResult.No("No such quota root.", "NONEXISTENT");

    /// <summary>* QUOTA account (STORAGE 10 512 MESSAGE 3 5000000); storage in units of 1024 octets (RFC 9208 §5.1).</summary>
    public static async ValueTask<bool> WriteAsync(ImapSession s, MailboxService mailboxes, CancellationToken ct)
    {
        if (await mailboxes.UsageAsync(s.Account, ct) is not var (usedBytes, quotaBytes, messages, maxMessages))
        {
            return false;
        }

        s.Out.Raw("* QUOTA "u8).Raw(Root).Raw(" (STORAGE "u8).Number((usedBytes + 1023) / 1024).Space().Number(quotaBytes / 1024)
            .Raw(" MESSAGE "u8).Number(messages).Space().Number(maxMessages).Raw(")\r\n"u8);
        return true;
    }
}

/// <summary>GETQUOTAROOT: every mailbox has the account's.</summary>
/// <remarks>RFC 9208 §4.1.2.</remarks>
internal sealed class GetQuotaRootCommand(MailboxService mailboxes) : ImapCommand<GetQuotaRootCommand.Args>
{
    internal sealed record Args(string Name);

    public override CommandInfo Info { get; } = new("GETQUOTAROOT") { States = ImapStates.SignedIn };

    // getquotaroot = "GETQUOTAROOT" SP mailbox
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        return new Args(s.MailboxName(r.AString()));
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        if (await mailboxes.FindAsync(s.Account, a.Name, ct) is not { } mailbox)
        {
            return ImapResult.NoMailbox;
        }

        s.Out.Raw("* QUOTAROOT "u8).Mailbox(mailbox.Name).Space().Raw(GetQuotaCommand.Root).Line();
        await GetQuotaCommand.WriteAsync(s, mailboxes, ct);
        return ImapResult.Ok;
    }
}
