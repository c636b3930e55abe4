using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>APPEND: one message or several into a mailbox. The octets go straight from the connection into <see cref="MessageBytes"/>.</summary>
/// <remarks>RFC 9051 §6.3.12; several at once, all or nothing, RFC 3502; APPENDUID RFC 4315 §3; literal8 RFC 3516 §4.4.</remarks>
internal sealed class AppendCommand(MailboxService mailboxes, MessageStore store) : ImapCommand<AppendCommand.Args>
{
    private const int MaxMessages = 1000;

    internal sealed record Args(string Name, Head First);

    /// <summary>What stands before one message.</summary>
    internal sealed record Head(FlagList Flags, DateTimeOffset? InternalDate);

    public override CommandInfo Info { get; } = new("APPEND") { States = ImapStates.SignedIn, Capabilities = ["MULTIAPPEND"] };

    /// <summary>True where the literal that the line ends in is the message of an APPEND, not its mailbox name.</summary>
    public static bool AtMessage(ImapSession s, ReadOnlySpan<byte> text)
    {
        var r = new ImapReader(text);
        try
        {
            r.Tag();
            if (!r.TrySpace() || !r.TryKeyword("APPEND"u8) || !r.TrySpace())
            {
                return false;
            }

            r.AString();
            r.Space();
            ParseHead(ref r);
            r.LiteralHeader();
            return r.AtEnd;
        }
        catch (ImapSyntaxException)
        {
            return false;
        }
    }

    // append = "APPEND" SP mailbox 1*append-message;  append-message = append-opts SP append-data
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var name = s.MailboxName(r.AString());
        r.Space();
        var head = ParseHead(ref r);
        r.LiteralHeader();
        return new Args(name, head);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var mailbox = await mailboxes.FindAsync(s.Account, a.Name, ct);
        var messages = new List<(Head Head, MessageBytes Bytes)>();
        try
        {
            var refused = mailbox is null ? ImapResult.TryCreate : (ImapResult?)null;
            var head = a.First;
            while (true)
            {
                refused ??= Check(s, messages);
                if (refused is { } no && s.Input.LiteralIsSynchronizing)
                {
                    return no;
                }

                if (refused is { } && s.Input.LiteralSize > s.Server.Options.MaxMessage)
                {
                    throw new ImapByeException("Message too large.");
                }

                if (!await ReadMessageAsync(s, head, messages, keep: refused is null, ct))
                {
                    return ImapResult.Bad("Cut off.") with { After = ImapAfter.Close };
                }

                if (await NextAsync(s, ct) is not { } next)
                {
                    break;
                }

                head = next;
            }

            return refused ?? await StoreAsync(s, mailbox!, messages, ct);
        }
        finally
        {
            foreach (var (_, bytes) in messages)
            {
                await bytes.DisposeAsync();
            }
        }
    }

    // append-opts = [SP flag-list] [SP date-time]
    private static Head ParseHead(ref ImapReader r)
    {
        var flags = new FlagList(default, []);
        DateTimeOffset? date = null;
        if (r.Next == '(')
        {
            flags = ImapFlags.ParseList(ref r);
            r.Space();
        }

        if (r.Next == '"')
        {
            date = r.DateTime();
            r.Space();
        }

        return new Head(flags, date);
    }

    private static ImapResult? Check(ImapSession s, List<(Head, MessageBytes Bytes)> messages)
    {
        var size = s.Input.LiteralSize;
        return size == 0 ? ImapResult.No("An empty message cannot be appended.", "CANNOT")
            : size > s.Server.Options.MaxMessage || messages.Sum(m => m.Bytes.Length) + size > 4L * s.Server.Options.MaxMessage
                ? ImapResult.No("The message is too large.", "TOOBIG")
            : messages.Count >= MaxMessages ? ImapResult.No("Too many messages at once.", "LIMIT")
            : null;
    }

    private static async ValueTask<bool> ReadMessageAsync(
        ImapSession s, Head head, List<(Head, MessageBytes)> messages, bool keep, CancellationToken ct)
    {
        if (s.Input.LiteralIsSynchronizing)
        {
            s.Out.Raw("+ OK\r\n"u8);
            await s.FlushAsync(ct);
        }

        if (!keep)
        {
            return await s.Input.StreamLiteralAsync(static _ => { }, ct);
        }

        var bytes = new MessageBytes(s.Server.SpoolPath);
        messages.Add((head, bytes));
        return await s.Input.StreamLiteralAsync(bytes.Write, ct);
    }

    /// <summary>The head of the next message; null at the end of the command.</summary>
    private static async ValueTask<Head?> NextAsync(ImapSession s, CancellationToken ct)
    {
        while (true)
        {
            switch (await s.Input.ReadAsync(ct))
            {
                case ReadStatus.Command:
                    return s.Input.Text.IsEmpty ? null : throw new ImapSyntaxException("Unexpected characters behind the message.");
                case ReadStatus.Literal:
                    return ParseNext(s.Input.Text);
                case ReadStatus.Woken when !s.Connection.TimedOut:
                    continue;
                default:
                    throw new ImapByeException("Unexpected end of APPEND.");
            }
        }
    }

    private static Head ParseNext(ReadOnlySpan<byte> text)
    {
        var r = new ImapReader(text);
        r.Space();
        var head = ParseHead(ref r);
        r.LiteralHeader();
        r.ExpectEnd();
        return head;
    }

    private async ValueTask<ImapResult> StoreAsync(
        ImapSession s, Mailbox mailbox, List<(Head Head, MessageBytes Bytes)> messages, CancellationToken ct)
    {
        var stored = new List<StoredMessage>(messages.Count);
        foreach (var (head, bytes) in messages)
        {
            var outcome = await store.StoreAsync(
                new StoreRequest
                {
                    Account = s.Account,
                    Tenant = s.Tenant,
                    Mailbox = mailbox.Id,
                    Message = bytes,
                    Flags = head.Flags.Flags,
                    Keywords = head.Flags.Keywords,
                    InternalDate = head.InternalDate,
                },
                ct);
            if (outcome.Ok)
            {
                stored.Add(outcome.Value);
                continue;
            }

            if (stored.Count > 0)
            {
                // All or nothing   RFC 3502 §3
                await store.ExpungeAsync(s.Account, new MessageSelection.ById([.. stored.Select(m => m.Id)]), onlyDeleted: false, ct);
            }

            return outcome.Refusal.Reason == RefusalReason.NotFound ? ImapResult.TryCreate : ImapResult.No(outcome.Refusal);
        }

        var uids = NumberRange.Format(NumberRange.FromAscending(stored.Select(m => m.Uid.Value)));
        return ImapResult.OkWith($"APPENDUID {stored[0].UidValidity} {uids}", "APPEND completed.");
    }
}
