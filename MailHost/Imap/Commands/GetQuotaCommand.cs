using SaaS.Domain.Common;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>GETQUOTA: use and limit of the one quota root that an account has.</summary>
/// <remarks>RFC 9208 §4.1.1. SETQUOTA is not offered: quotas are the administrator's.</remarks>
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

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        // RFC 4314 §4: "r" on a mailbox that has the root.
        var (account, root) = a.Root == Root ? (s.Account, Root)
            : (await s.Server.Shares.OfAsync(s.Account, ct)).FirstOrDefault(x => RootOf(x).Equals(a.Root, StringComparison.OrdinalIgnoreCase)) is { } shared
                && (shared.Everywhere.Has(MailboxRights.Read) || shared.Mailboxes.Values.Any(r => r.Has(MailboxRights.Lookup | MailboxRights.Read)))
                ? (shared.Id, RootOf(shared))
            : (default, "");
        return root.Length > 0 && await WriteAsync(s, mailboxes, account, root, ct)
            ? ImapResult.Ok
            : ImapResult.No("No such quota root.", "NONEXISTENT");
    }

    /// <summary>The quota root of somebody else's account.</summary>
    public static string RootOf(SharedAccount? shared) => shared is null ? Root : $"{ImapSession.SharedRoot}/{shared.Address}";

    /// <summary>* QUOTA account (STORAGE 10 512 MESSAGE 3 5000000); storage in units of 1024 octets (RFC 9208 §5.1).</summary>
    public static async ValueTask<bool> WriteAsync(
        ImapSession s, MailboxService mailboxes, AccountId account, string root, CancellationToken ct)
    {
        if (await mailboxes.UsageAsync(account, ct) is not var (usedBytes, quotaBytes, messages, maxMessages))
        {
            return false;
        }

        s.Out.Raw("* QUOTA "u8).Mailbox(root).Raw(" (STORAGE "u8).Number((usedBytes + 1023) / 1024).Space().Number(quotaBytes / 1024)
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
        var (place, forbidden) = await s.FindAsync(a.Name, MailboxRights.Read, ct);
        if (place is null)
        {
            return forbidden;
        }

        var root = GetQuotaCommand.RootOf(place.Shared);
        s.Out.Raw("* QUOTAROOT "u8).Mailbox(place.Name).Space().Mailbox(root).Line();
        await GetQuotaCommand.WriteAsync(s, mailboxes, place.Account, root, ct);
        return ImapResult.Ok;
    }
}
