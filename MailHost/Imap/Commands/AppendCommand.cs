using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap.Commands;

/// <summary>APPEND: one message or several into a mailbox. The octets go straight from the connection into <see cref="MessageBytes"/>.</summary>
/// <remarks>RFC 9051 §6.3.12; several at once, all or nothing, RFC 3502; APPENDUID RFC 4315 §3; literal8 RFC 3516 §4.4.</remarks>
internal sealed class AppendCommand(MessageStore store) : ImapCommand<AppendCommand.Args>
{
    private const int MaxMessages = 1000;

    internal sealed record Args(string Name, Head First);

    /// <summary>What stands before one message.</summary>
    internal sealed record Head(FlagList Flags, DateTimeOffset? InternalDate, bool Utf8);

    public override CommandInfo Info { get; } = new("APPEND")
    {
        States = ImapStates.SignedIn,
        TakesMessage = true,
        Capabilities = ["MULTIAPPEND"],
    };

    /// <summary>True where the literal that the line ends in is the message of an APPEND or REPLACE, not its mailbox name.</summary>
    public static bool AtMessage(ImapSession s, ReadOnlySpan<byte> text)
    {
        var r = new ImapReader(text);
        try
        {
            r.Tag();
            if (!r.TrySpace() || !AtMailbox(ref r, s))
            {
                return false;
            }

            r.AString();
            r.Space();
            ParseHead(ref r, s);
            r.LiteralHeader();
            return r.AtEnd;
        }
        catch (ImapSyntaxException)
        {
            return false;
        }
    }

    private static bool AtMailbox(ref ImapReader r, ImapSession s)
    {
        if (r.TryKeyword("APPEND"u8))
        {
            return r.TrySpace();
        }

        if (s.Selected is null || (r.TryKeyword("UID"u8) && !r.TrySpace()) || !r.TryKeyword("REPLACE"u8) || !r.TrySpace())
        {
            return false;
        }

        SequenceSet.Parse(ref r);
        return r.TrySpace();
    }

    // append = "APPEND" SP mailbox 1*append-message;  append-message = append-opts SP append-data
    protected override Args Parse(ref ImapReader r, ImapSession s)
    {
        r.Space();
        var name = s.MailboxName(r.AString());
        r.Space();
        var head = ParseHead(ref r, s);
        r.LiteralHeader();
        return new Args(name, head);
    }

    protected override async ValueTask<ImapResult> RunAsync(ImapSession s, Args a, CancellationToken ct)
    {
        var (place, forbidden) = await FindTargetAsync(s, a.Name, ct);
        var messages = new List<(Head Head, MessageBytes Bytes)>();
        try
        {
            var refused = place is null ? forbidden : (ImapResult?)null;
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

                if (await NextAsync(s, head, ct) is not { } next)
                {
                    break;
                }

                head = next;
            }

            return refused ?? await StoreAsync(s, place!, messages, ct);
        }
        finally
        {
            foreach (var (_, bytes) in messages)
            {
                await bytes.DisposeAsync();
            }
        }
    }

    // append-opts = [SP flag-list] [SP date-time];  append-data = literal / literal8 / "UTF8" SP "(" literal8 ")"   RFC 6855 §4
    public static Head ParseHead(ref ImapReader r, ImapSession s)
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

        if (!r.TryKeyword("UTF8"u8))
        {
            return new Head(flags, date, Utf8: false);
        }

        if (!s.Utf8Accepted)
        {
            ImapReader.Fail("Enable UTF8=ACCEPT first.");
        }

        r.Space();
        r.Open();
        if (r.Next != '~')
        {
            ImapReader.Fail("A UTF8 message is a literal8.");
        }

        return new Head(flags, date, Utf8: true);
    }

    public static ImapResult? Check(ImapSession s, List<(Head, MessageBytes Bytes)> messages)
    {
        var size = s.Input.LiteralSize;
        return size == 0 ? ImapResult.No("An empty message cannot be appended.", "CANNOT")
            : size > s.Server.Options.MaxMessage || messages.Sum(m => m.Bytes.Length) + size > 4L * s.Server.Options.MaxMessage
                ? ImapResult.No("The message is too large.", "TOOBIG")
            : messages.Count >= MaxMessages ? ImapResult.No("Too many messages at once.", "LIMIT")
            : null;
    }

    public static async ValueTask<bool> ReadMessageAsync(
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
    public static async ValueTask<Head?> NextAsync(ImapSession s, Head before, CancellationToken ct)
    {
        while (true)
        {
            switch (await s.Input.ReadAsync(ct))
            {
                case ReadStatus.Command:
                    return s.Input.Text.SequenceEqual(before.Utf8 ? ")"u8 : ""u8)
                        ? null
                        : throw new ImapSyntaxException("Unexpected characters behind the message.");
                case ReadStatus.Literal:
                    return ParseNext(s, before, s.Input.Text);
                case ReadStatus.Woken when !s.Connection.TimedOut:
                    continue;
                default:
                    throw new ImapByeException("Unexpected end of APPEND.");
            }
        }
    }

    private static Head ParseNext(ImapSession s, Head before, ReadOnlySpan<byte> text)
    {
        var r = new ImapReader(text);
        if (before.Utf8)
        {
            r.Expect((byte)')');
        }

        r.Space();
        var head = ParseHead(ref r, s);
        r.LiteralHeader();
        r.ExpectEnd();
        return head;
    }

    /// <summary>Where messages are to go: RFC 4314 §4 wants "i".</summary>
    public static async ValueTask<(Place? Place, ImapResult Refused)> FindTargetAsync(ImapSession s, string name, CancellationToken ct)
    {
        var place = await s.FindAsync(name, ct);
        return place is null ? (null, ImapResult.TryCreate) : place.Rights.Has(MailboxRights.Insert) ? (place, default) : (null, ImapResult.NoPermission);
    }

    /// <summary>Stores one message, with those of its flags that the user may set there.</summary>
    public static async ValueTask<Outcome<StoredMessage>> StoreOneAsync(
        ImapSession s, MessageStore store, Place place, Head head, MessageBytes bytes, CancellationToken ct)
    {
        var (flags, keywords) = Place.Allowed(place.Rights, head.Flags);
        var stored = await store.StoreAsync(new StoreRequest
        {
            Account = place.Account,
            Tenant = s.Tenant,
            Mailbox = place.Mailbox.Id,
            Message = bytes,
            Flags = place.SeenIsPersonal ? flags & ~MessageFlags.Seen : flags,
            Keywords = keywords,
            InternalDate = head.InternalDate,
        }, ct);
        if (stored.Ok && place.SeenIsPersonal && flags.HasFlag(MessageFlags.Seen))
        {
            await s.ChangeSeenAsync(place.Account, place.Mailbox.Id, [stored.Value.Uid], seen: true, ct);
        }

        return stored;
    }

    private async ValueTask<ImapResult> StoreAsync(
        ImapSession s, Place place, List<(Head Head, MessageBytes Bytes)> messages, CancellationToken ct)
    {
        var stored = new List<StoredMessage>(messages.Count);
        foreach (var (head, bytes) in messages)
        {
            var outcome = await StoreOneAsync(s, store, place, head, bytes, ct);
            if (outcome.Ok)
            {
                stored.Add(outcome.Value);
                continue;
            }

            if (stored.Count > 0)
            {
                // All or nothing   RFC 3502 §3
                await store.ExpungeAsync(place.Account, new MessageSelection.ById([.. stored.Select(m => m.Id)]), onlyDeleted: false, ct);
            }

            return outcome.Refusal.Reason == RefusalReason.NotFound ? ImapResult.TryCreate : ImapResult.No(outcome.Refusal);
        }

        var uids = NumberRange.Format(NumberRange.FromAscending(stored.Select(m => m.Uid.Value)));
        return ImapResult.OkWith($"APPENDUID {stored[0].UidValidity} {uids}", "APPEND completed.");
    }
}
