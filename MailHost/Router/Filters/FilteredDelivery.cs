using System.Text;
using Npgsql;
using SaaS.Domain.ChangeFeed;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Queue;
using SaaS.Domain.Sieve;
using SaaS.Domain.Sieve.Scripts;
using SaaS.Domain.Submissions;

namespace SaaS.MailHost.Router.Filters;

/// <summary>
/// Runs an account's filter over a message and does what it says: copies, messages that it sends and what it remembers are one commit.
/// Whatever goes wrong with the filter, the message is in the inbox.
/// </summary>
internal sealed class FilteredDelivery(
    MessageStore store, SieveScriptService scripts, MailboxService mailboxes, IdentityService identities, OutboundQueue queue, IMessageRouter router, SieveMemoryStore memory,
    SendAllowance allowance, SieveLimits limits, RouterOptions options, IChangeFeed feed, FilterMetrics metrics, TimeProvider clock,
    ILogger<FilteredDelivery> log)
{
    private const int MaxFacts = 32;
    private static readonly TimeSpan TellEvery = TimeSpan.FromDays(1);

    public async Task<Outcome<StoredMessage?>> DeliverAsync(Filter filter, LocalMessage message, CancellationToken ct)
    {
        var parsed = message.Parsed ?? MessageParser.Parse(message.Message);
        var own = await identities.AddressesAsync(message.Account, ct);
        var boxes = await mailboxes.ListAsync(message.Account, ct);
        var owner = own.FirstOrDefault(a => a.Primary)?.Address ?? message.Recipient.ToString();
        var context = new SieveContext
        {
            Message = message.Message,
            Parsed = parsed,
            Prepend = message.Prepend,
            ReversePath = message.ReversePath,
            Recipient = message.Recipient,
            OriginalRecipient = message.OriginalRecipient,
            EnvelopeId = message.EnvelopeId,
            OwnAddresses = [owner, .. own.Select(a => a.Address).Where(a => !a.Equals(owner, StringComparison.OrdinalIgnoreCase))],
            DisplayName = own.FirstOrDefault(a => a.Primary)?.DisplayName ?? "",
            Now = clock.GetUtcNow(),
            Mailboxes = [.. boxes.Select(b => new SieveMailbox(b.Id, b.Name, b.SpecialUse))],
            Scripts = filter.Included,
            HostName = options.HostName,
        };
        var result = await RunAsync(filter, message.Account, context, ct);
        var plan = new Plan(message, parsed, context);
        try
        {
            if (result.Error is null)
            {
                await PrepareAsync(plan, result, ct);
            }

            if ((result.Error ?? plan.Error) is { } error)
            {
                await plan.ResetAsync();
                await FallBackAsync(plan, error, ct);
            }

            if (plan.Reject is { } reason && (message.ReversePath is not null || message.DeliveryKey is null))
            {
                // Nothing is stored that would notice that another filter stands by now.
                return await scripts.VersionAsync(message.Account, ct) == filter.Version
                    ? new Refusal(RefusalReason.Forbidden, reason)
                    : new Refusal(RefusalReason.Conflict, "The filters have changed.");
            }

            return await CommitAsync(filter, plan, ct);
        }
        finally
        {
            await plan.DisposeAsync();
        }
    }

    private async Task<SieveResult> RunAsync(Filter filter, AccountId account, SieveContext context, CancellationToken ct)
    {
        if (filter.Problem is { } problem)
        {
            return new SieveResult([], problem.ToString());
        }

        var started = clock.GetTimestamp();
        var away = Away(filter.Away, context.Now);
        var facts = new Dictionary<SieveFact, bool>();
        while (true)
        {
            var (result, missing) = SieveRunner.Run(filter.Script, away, context with { Facts = facts }, limits);
            if (result is not null)
            {
                metrics.Ran(result, clock.GetElapsedTime(started));
                return result;
            }

            // Each answer is another run: a script that asks without end is stopped.
            if (facts.Count == MaxFacts)
            {
                return new SieveResult([], $"a script can ask for duplicates {MaxFacts} times");
            }

            facts[missing!] = missing is SieveFact.Seen seen && await memory.HasAsync(account, SieveMemoryKind.Duplicate, seen.Key, ct);
        }
    }

    // RFC 8621 §8: switched on, and between its dates.
    private SieveAction.Vacation? Away(VacationResponse? response, DateTimeOffset now) =>
        response is not { Enabled: true } || now < response.FromDate || now >= response.ToDate ? null : new SieveAction.Vacation
        {
            Reason = response.TextBody ?? (response.HtmlBody is null ? "I am away and will read your message when I am back." : ""),
            Html = response.HtmlBody,
            Subject = string.IsNullOrWhiteSpace(response.Subject) ? null : response.Subject,
            Handle = $"away:{response.ModSeq}",
            Interval = limits.DefaultVacation,
        };

    private async Task PrepareAsync(Plan plan, SieveResult result, CancellationToken ct)
    {
        foreach (var action in result.Actions)
        {
            switch (action)
            {
                case SieveAction.Store s:
                    await StoreAsync(plan, s.Target, s.Flags, s.Content, ct);
                    break;
                case SieveAction.Redirect r:
                    await RedirectAsync(plan, r, ct);
                    break;
                case SieveAction.Reject r:
                    metrics.Did("reject");
                    plan.Reject = Line(r.Reason);

                    // A report of it would have nobody to go to: then it is kept.
                    plan.Copy(plan.Context.Message, null, plan.Message.Prepend, null, []);
                    break;
                case SieveAction.Vacation v:
                    await AnswerAsync(plan, v, ct);
                    break;
                case SieveAction.Notify n:
                    await NotifyAsync(plan, n, ct);
                    break;
                case SieveAction.Remember r:
                    plan.Alongside.Add((t, c) => memory.TryRememberAsync(t, plan.Message.Account, SieveMemoryKind.Duplicate, r.Key, r.For, renew: true, c));
                    break;
            }

            if (plan.Error is not null)
            {
                return;
            }
        }
    }

    private async Task StoreAsync(Plan plan, SieveTarget target, IReadOnlyList<string> flags, SieveContent content, CancellationToken ct)
    {
        if (await MailboxAsync(plan, target, ct) is { } mailbox)
        {
            metrics.Did("store");
            if (content.IsOriginal)
            {
                plan.Copy(plan.Message.Message, plan.Parsed, plan.Message.Prepend, mailbox, flags);
            }
            else
            {
                plan.Copy(plan.Own(content.Render(forSending: false)), null, [], mailbox, flags);
            }
        }
    }

    private async Task<MailboxId?> MailboxAsync(Plan plan, SieveTarget target, CancellationToken ct)
    {
        var all = plan.Context.Mailboxes;
        var found = target.Id is { } id ? all.FirstOrDefault(b => b.Id == id)
            : target.Use != SpecialUse.None ? all.FirstOrDefault(b => b.Use == target.Use)
            : target.Name is { } name ? all.FirstOrDefault(b => b.Name == name)
            : all.FirstOrDefault(b => b.Use == SpecialUse.Inbox);
        if (found is not null)
        {
            return found.Id;
        }

        if (target is not { Create: true, Name: { } wanted })
        {
            plan.Error = $"there is no mailbox \"{target.Name}\"";
            return null;
        }

        var made = await mailboxes.CreateAsync(plan.Message.Account, wanted, SpecialUse.None, subscribe: true, ct);
        if (made.Ok)
        {
            return made.Value.Id;
        }

        if (made.Refusal.Reason == RefusalReason.AlreadyExists && await mailboxes.FindAsync(plan.Message.Account, wanted, ct) is { } meanwhile)
        {
            return meanwhile.Id;
        }

        plan.Error = $"the mailbox \"{wanted}\" cannot be made: {made.Refusal.Text}";
        return null;
    }

    private async Task RedirectAsync(Plan plan, SieveAction.Redirect redirect, CancellationToken ct)
    {
        // It came through here before: it would go round for ever.
        if (HasPassed(plan))
        {
            plan.Error = "the message has been redirected by this mailbox before";
            return;
        }

        var routed = await RouteAsync(plan, redirect.Address, ct);
        if (routed.Refusal is { } refusal)
        {
            plan.Error = $"redirect to {redirect.Address}: {refusal.Text}";
            return;
        }

        if (await allowance.TakeAsync(plan.Message.Account, routed.Value!.Count, ct) is { } exceeded)
        {
            plan.Error = $"redirect to {redirect.Address}: {exceeded.Text}";
            return;
        }

        var (bytes, prepend) = redirect.Content.IsOriginal
            ? (plan.Message.Message, (byte[])[.. Encoding.UTF8.GetBytes($"Delivered-To: {plan.Message.Recipient}\r\n"), .. plan.Message.Trace.Span])
            : (plan.Own(redirect.Content.Render(forSending: true)), []);
        var notify = DsnNotify.Default;
        foreach (var word in redirect.DsnNotify?.Split(',') ?? [])
        {
            notify |= Enum.TryParse<DsnNotify>(word, ignoreCase: true, out var flag) ? flag : DsnNotify.Default;
        }

        metrics.Did("redirect");
        log.Redirected(plan.Message.Account.ToString(), redirect.Address.ToString());
        plan.Send(queue, new EnqueueRequest
        {
            Tenant = plan.Message.Tenant,
            ReversePath = plan.Message.ReversePath,
            EnvelopeId = plan.Message.EnvelopeId,
            ReturnFull = redirect.ReturnFull ?? false,
            SmtpUtf8 = plan.Message.SmtpUtf8 || redirect.Address.NeedsSmtpUtf8,
            EightBit = plan.Message.EightBit || !redirect.Content.IsOriginal,
            Message = bytes,
            Prepend = prepend,
            Recipients = [.. routed.Value.Select(r => r with { Notify = notify })],
            MessageIdHeader = plan.Parsed.Envelope.MessageId,
            Subject = plan.Parsed.Envelope.Subject,
        });
    }

    private static bool HasPassed(Plan plan)
    {
        var header = new byte[plan.Parsed.HeaderSize];
        using var stream = plan.Message.Message.OpenRead();
        stream.ReadExactly(header);
        var own = plan.Message.Recipient.ToString();
        return HeaderBlock.Parse(header).Any(f => f.Name.Equals("Delivered-To", StringComparison.OrdinalIgnoreCase)
            && f.Raw.Trim().Equals(own, StringComparison.OrdinalIgnoreCase));
    }

    private async Task AnswerAsync(Plan plan, SieveAction.Vacation vacation, CancellationToken ct)
    {
        var sender = plan.Message.ReversePath!;
        var key = $"{vacation.Handle}\n{sender.LocalKey}@{sender.Domain}";
        if (await memory.HasAsync(plan.Message.Account, SieveMemoryKind.Vacation, key, ct))
        {
            return;
        }

        var (from, name) = (Self(plan), plan.Context.DisplayName);
        var bytes = plan.Own(FilterMail.Vacation(vacation, plan.Message, plan.Parsed, from, name, options.HostName, plan.Context.Now));

        // The null reverse-path: an answer to an answer would go on for ever (RFC 3834 §3.3).
        if (await MailAsync(plan, bytes, [sender], reversePath: null, ct) is not { } mail)
        {
            return;
        }

        metrics.Did("vacation");
        log.Answered(plan.Message.Account.ToString(), sender.ToString());
        plan.Wakes = true;
        plan.Alongside.Add(async (t, c) =>
        {
            if (await memory.TryRememberAsync(t, plan.Message.Account, SieveMemoryKind.Vacation, key, vacation.Interval, renew: false, c))
            {
                await queue.EnqueueAsync(mail, t, c);
            }
        });
        await FccAsync(plan, vacation.Fcc, bytes, ct);
    }

    private async Task NotifyAsync(Plan plan, SieveAction.Notify notify, CancellationToken ct)
    {
        var bytes = plan.Own(FilterMail.Notification(notify, Self(plan), plan.Context.DisplayName, options.HostName, plan.Context.Now));
        var reversePath = plan.Message.ReversePath is null || !MailAddress.TryParse(Self(plan), out var self) ? null : self;
        if (await MailAsync(plan, bytes, notify.To, reversePath, ct) is { } mail)
        {
            metrics.Did("notify");
            plan.Send(queue, mail);
            await FccAsync(plan, notify.Fcc, bytes, ct);
        }
    }

    /// <summary>Mail of the owner's own, ready to be queued; null where it cannot go, which is no reason to fail.</summary>
    private async Task<EnqueueRequest?> MailAsync(
        Plan plan, MessageBytes bytes, IReadOnlyList<MailAddress> to, MailAddress? reversePath, CancellationToken ct)
    {
        var recipients = new List<EnqueueRecipient>();
        foreach (var address in to)
        {
            var routed = await RouteAsync(plan, address, ct);
            if (routed.Refusal is { } refusal)
            {
                log.NotSent(plan.Message.Account.ToString(), address.ToString(), refusal.Text);
                continue;
            }

            recipients.AddRange(routed.Value!.Select(r => r with { Notify = DsnNotify.Never }));
        }

        if (recipients.Count > 0 && await allowance.TakeAsync(plan.Message.Account, recipients.Count, ct) is { } exceeded)
        {
            log.NotSent(plan.Message.Account.ToString(), to[0].ToString(), exceeded.Text);
            return null;
        }

        return recipients.Count == 0 ? null : new EnqueueRequest
        {
            Tenant = plan.Message.Tenant,
            Account = plan.Message.Account,
            ReversePath = reversePath,
            SmtpUtf8 = to.Any(a => a.NeedsSmtpUtf8),
            EightBit = true,
            Message = bytes,
            Recipients = recipients,
            MessageIdHeader = HeaderScan.Read(bytes.Memory is { } m ? m.Span : []).MessageId,
            Subject = "Automatic response",
        };
    }

    private async Task<Outcome<List<EnqueueRecipient>>> RouteAsync(Plan plan, MailAddress address, CancellationToken ct)
    {
        var decision = await router.ResolveAsync(
            address, new RouteContext(plan.Message.ReversePath, plan.Message.Account, plan.Message.Tenant, Patient: true), ct);
        return decision.Refusal is { } refusal ? refusal : decision.Routes.Select(route => route switch
        {
            Route.Local local => new EnqueueRecipient(address, local.Account, Home: local.Home),
            Route.Remote remote => new EnqueueRecipient(remote.Recipient),
            _ => throw new InvalidOperationException("Unknown route."),
        }).ToList();
    }

    private async Task FccAsync(Plan plan, SieveFcc? fcc, MessageBytes bytes, CancellationToken ct)
    {
        if (fcc is not null && await MailboxAsync(plan, fcc.Target, ct) is { } mailbox)
        {
            plan.Copy(bytes, null, [], mailbox, fcc.Flags);
        }
    }

    private async Task FallBackAsync(Plan plan, string error, CancellationToken ct)
    {
        var account = plan.Message.Account;
        log.Failed(account.ToString(), error);
        plan.Copy(plan.Message.Message, plan.Parsed, plan.Message.Prepend, null, []);
        if (!await memory.HasAsync(account, SieveMemoryKind.Failure, "", ct))
        {
            plan.Alongside.Add((t, c) => memory.TryRememberAsync(t, account, SieveMemoryKind.Failure, "", TellEvery, renew: false, c));
            plan.Copy(
                plan.Own(FilterMail.Failure(error, plan.Parsed.Envelope.Subject, plan.Context.OwnAddresses[0], options.HostName, plan.Context.Now)), null, [], null, []);
        }
    }

    private async Task<Outcome<StoredMessage?>> CommitAsync(Filter filter, Plan plan, CancellationToken ct)
    {
        if (plan is { Alongside.Count: 0, Copies: [var only] })
        {
            var one = await store.StoreAsync(only with { DeliveryKey = plan.Message.DeliveryKey, SieveVersion = filter.Version }, ct);
            return one.Ok ? one.Value : Known(one.Refusal);
        }

        var first = new StoreRequest
        {
            Account = plan.Message.Account,
            Tenant = plan.Message.Tenant,
            Message = plan.Message.Message,
            DeliveryKey = plan.Message.DeliveryKey,
            SieveVersion = filter.Version,
        };
        var stored = await store.StoreAllAsync(first, plan.Copies, async (transaction, c) =>
        {
            foreach (var act in plan.Alongside)
            {
                await act(transaction, c);
            }
        }, ct);
        if (!stored.Ok)
        {
            return Known(stored.Refusal);
        }

        if (plan.Wakes)
        {
            feed.Wake(OutboundQueue.Topic);
        }

        StoredMessage? kept = stored.Value.Count > 0 ? stored.Value[0] : null;
        return kept;
    }

    // A mailbox that went away while the filter ran: the next try sees how it is.
    private static Refusal Known(Refusal refusal) => refusal.Reason == RefusalReason.NotFound
        ? new Refusal(RefusalReason.TemporarilyUnavailable, "The mailbox is being changed.")
        : refusal;

    /// <summary>The address of the owner that this came to.</summary>
    private static string Self(Plan plan)
    {
        var recipient = plan.Message.Recipient.ToString();
        return plan.Context.OwnAddresses.FirstOrDefault(a => a.Equals(recipient, StringComparison.OrdinalIgnoreCase)) ?? plan.Context.OwnAddresses[0];
    }

    // For a reply line and a report: ASCII, one line.
    private static string Line(string reason)
    {
        var line = new string([.. reason.ReplaceLineEndings(" ").Select(c => c is >= ' ' and < '\x7f' ? c : '?')]).Trim();
        return line.Length == 0 ? "The recipient does not want this message." : line.Length > 400 ? line[..400] : line;
    }

    /// <summary>What is to be committed together.</summary>
    private sealed class Plan(LocalMessage message, ParsedMessage parsed, SieveContext context) : IAsyncDisposable
    {
        private readonly List<MessageBytes> _made = [];

        public LocalMessage Message => message;
        public ParsedMessage Parsed => parsed;
        public SieveContext Context => context;
        public List<StoreRequest> Copies { get; } = [];
        public List<Func<NpgsqlTransaction, CancellationToken, Task>> Alongside { get; } = [];
        public string? Error { get; set; }
        public string? Reject { get; set; }
        public bool Wakes { get; set; }

        public MessageBytes Own(MessageBytes bytes)
        {
            _made.Add(bytes);
            return bytes;
        }

        public void Copy(MessageBytes bytes, ParsedMessage? itsParsed, byte[] prepend, MailboxId? mailbox, IReadOnlyList<string> flags)
        {
            var (system, keywords) = FlagNames.Read(flags);
            Copies.Add(new StoreRequest
            {
                Account = message.Account,
                Tenant = message.Tenant,
                Mailbox = mailbox,
                Message = bytes,
                Parsed = itsParsed,
                Prepend = prepend,
                Flags = system,
                Keywords = keywords,
            });
        }

        public void Send(OutboundQueue queue, EnqueueRequest mail)
        {
            Wakes = true;
            Alongside.Add((t, c) => queue.EnqueueAsync(mail, t, c));
        }

        public ValueTask ResetAsync()
        {
            Copies.Clear();
            Alongside.Clear();
            (Reject, Wakes) = (null, false);
            return ValueTask.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var bytes in _made)
            {
                await bytes.DisposeAsync();
            }
        }
    }
}
