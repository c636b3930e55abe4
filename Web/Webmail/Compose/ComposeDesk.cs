using SaaS.Client.Jmap;
using SaaS.Web.Shared;
using SaaS.Web.Webmail.List;
using SaaS.Web.Webmail.Reading;

namespace SaaS.Web.Webmail.Compose;

/// <summary>The messages being written in this circuit, and how they are saved, sent and called back.</summary>
public sealed class ComposeDesk(MailSession mail, MailPreferences preferences, MailHtml html, Toasts toasts, TimeProvider clock, ILogger<ComposeDesk> log)
{
    private readonly List<Draft> _open = [];
    private IReadOnlyList<EmailAddress>? _known;

    public IReadOnlyList<Draft> Open => _open;

    public Replies Replies => new(html, mail.Identities);

    public event Action? Changed;

    public void Start(Draft draft)
    {
        if (draft.EmailId is { } id && _open.Find(d => d.EmailId == id) is { } already)
        {
            _open.Remove(already);
            draft = already;
        }

        _open.Add(draft);
        if (_open.Count > 3)
        {
            _open.RemoveAt(0); // it is saved in Drafts
        }

        Changed?.Invoke();
    }

    public void Close(Draft draft)
    {
        _open.Remove(draft);
        Changed?.Invoke();
    }

    public Identity? IdentityOf(Draft draft) =>
        mail.Identities.FirstOrDefault(i => i.Id == draft.IdentityId) ?? mail.DefaultIdentity;

    /// <summary>Replaces the saved draft by what is written now.</summary>
    public async Task SaveAsync(Draft draft)
    {
        var drafts = Drafts;
        var set = await mail.Jmap.SetAsync(
            create: new Dictionary<string, Email> { ["draft"] = draft.ToEmail(IdentityOf(draft), drafts.Id!, draft: true) },
            destroy: draft.EmailId is { } old ? JmapIds.Of([old]) : null);
        if (set.NotCreated?.Values.FirstOrDefault() is { } error)
        {
            throw new JmapMethodException("Email/set", error.Type, error.Description);
        }

        draft.Conflict |= draft.EmailId is { } before && set.NotDestroyed?.ContainsKey(before) == true;
        draft.EmailId = set.Created?["draft"].Id;
    }

    public async Task DiscardAsync(Draft draft)
    {
        Close(draft);
        if (draft.EmailId is { } id)
        {
            await mail.DestroyAsync([id]);
        }
    }

    /// <summary>Sends after the user's time for second thoughts, or at the given moment. Until then it lies with what is scheduled; the server files
    /// it as sent when it goes.</summary>
    public async Task SendAsync(Draft draft, TimeSpan? later = null)
    {
        var identity = IdentityOf(draft) ?? throw new InvalidOperationException("The account has no identity to send as.");
        var waiting = await mail.ScheduledAsync();
        var hold = later ?? TimeSpan.FromSeconds(preferences.UndoSeconds);
        var batch = await mail.Jmap.NewBatchAsync();
        var created = batch.Set(
            create: new Dictionary<string, Email> { ["mail"] = draft.ToEmail(identity, waiting.Id!, draft: true) });
        var submitted = batch.Submit(create: new Dictionary<string, EmailSubmission>
        {
            ["send"] = new()
            {
                IdentityId = identity.Id,
                EmailId = "#mail",
                Envelope = Envelope.Held(
                    identity.Email!, draft.Everyone.Select(a => a.Email!).Distinct(StringComparer.OrdinalIgnoreCase), hold > TimeSpan.Zero ? hold : TimeSpan.Zero),
            },
        });
        await batch.SendAsync();
        MailSession.Check(created.Result);
        var email = created.Result.Created?["mail"].Id;
        if (submitted.Failed || submitted.Result.FirstError is not null)
        {
            await mail.Jmap.SetAsync<Email>(update: new Dictionary<string, PatchObject> { [email!] = new PatchObject().MoveTo(Drafts.Id!) });
            draft.EmailId = await ReplaceAsync(draft.EmailId, email);
            var error = submitted.Failed ? submitted.Error!.Description : submitted.Result.FirstError!.Description;
            throw new JmapMethodException("EmailSubmission/set", "notSent", error ?? "The server did not take the message.");
        }

        draft.EmailId = await ReplaceAsync(draft.EmailId, null);
        var submission = submitted.Result.Created!["send"].Id!;
        await MarkAboutAsync(draft);
        Close(draft);
        if (later is { } wait)
        {
            var now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), clock.LocalTimeZone);
            toasts.Offer($"Scheduled for {When.Ahead(now + wait, now)}", "Undo", () => UndoAsync(draft, submission, email!), TimeSpan.FromSeconds(10));
        }
        else if (hold > TimeSpan.Zero)
        {
            toasts.Offer("Message sent", "Undo", () => UndoAsync(draft, submission, email!), hold);
        }
        else
        {
            toasts.Done("Message sent");
        }
    }

    /// <summary>How an email that waits is to be sent; null where nothing is known of it.</summary>
    public async Task<EmailSubmission?> SubmissionOfAsync(string emailId, CancellationToken cancel = default)
    {
        var batch = await mail.Jmap.NewBatchAsync(cancel);
        var query = batch.Query<EmailSubmission>(new { emailIds = new[] { emailId } });
        var get = batch.Get<EmailSubmission>(query.Ids());
        await batch.SendAsync(cancel);
        return get.Failed ? null : get.Result.List.OrderBy(s => s.UndoStatus == "pending" ? 0 : 1).ThenByDescending(s => s.SendAt).FirstOrDefault();
    }

    /// <summary>Takes back what waits and lays it with the drafts. False where it is on its way already.</summary>
    public async Task<bool> CancelAsync(IReadOnlyCollection<string> emailIds, string? moveTo = null)
    {
        var taken = true;
        foreach (var id in emailIds)
        {
            if (await SubmissionOfAsync(id) is { UndoStatus: "pending" } submission && !await TakeBackAsync(submission.Id!))
            {
                taken = false;
                continue;
            }

            await mail.Jmap.SetAsync<Email>(update: new Dictionary<string, PatchObject>
            {
                [id] = new PatchObject().MoveTo(moveTo ?? Drafts.Id!).Keyword(Keyword.Draft, true),
            });
        }

        return taken;
    }

    /// <summary>Takes it back and opens it again.</summary>
    public async Task EditAsync(string emailId)
    {
        if (!await CancelAsync([emailId]))
        {
            toasts.Failed("It was too late to call the message back.");
            return;
        }

        var found = await mail.Jmap.GetEmailsAsync(JmapIds.Of([emailId]), Email.ReadProperties, EmailBodyOptions.ForReading);
        if (found.List.Front() is { } email)
        {
            Start(Replies.Reopen(email));
        }
    }

    /// <summary>Sends at another time, or at once: the old submission is taken back, a new one takes its place.</summary>
    public async Task RescheduleAsync(string emailId, TimeSpan wait)
    {
        if (await SubmissionOfAsync(emailId) is not { Envelope: { } envelope } old)
        {
            toasts.Failed("This message is not waiting to be sent.");
            return;
        }

        if (old.UndoStatus == "pending" && !await TakeBackAsync(old.Id!))
        {
            toasts.Done("The message is on its way already");
            return;
        }

        var batch = await mail.Jmap.NewBatchAsync();
        var submitted = batch.Submit(create: new Dictionary<string, EmailSubmission>
        {
            ["send"] = new()
            {
                IdentityId = mail.Identities.FirstOrDefault(i => i.Id == old.IdentityId)?.Id ?? mail.DefaultIdentity?.Id,
                EmailId = emailId,
                Envelope = Envelope.Held(envelope.MailFrom.Email, envelope.RcptTo.Select(r => r.Email), wait > TimeSpan.Zero ? wait : TimeSpan.Zero),
            },
        });
        await batch.SendAsync();
        MailSession.Check(submitted.Result);
        var now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), clock.LocalTimeZone);
        toasts.Done(wait > TimeSpan.Zero ? $"Scheduled for {When.Ahead(now + wait, now)}" : "Message sent");
    }

    /// <summary>Times that people send at, in the user's day.</summary>
    public IEnumerable<(string Text, TimeSpan Wait)> Later()
    {
        var now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), clock.LocalTimeZone);
        var today = new DateTimeOffset(now.Date, now.Offset);
        yield return ("In one hour", TimeSpan.FromHours(1));
        if (now.Hour < 17)
        {
            yield return ("This evening, 18:00", today.AddHours(18) - now);
        }

        yield return ("Tomorrow morning, 8:00", today.AddDays(1).AddHours(8) - now);
        yield return ("Monday morning, 8:00", today.AddDays(((int)DayOfWeek.Monday - (int)now.DayOfWeek + 6) % 7 + 1).AddHours(8) - now);
    }

    /// <summary>Addresses of recent correspondents that begin with, or contain, what was typed.</summary>
    public async Task<IReadOnlyList<EmailAddress>> SuggestAsync(string typed, CancellationToken cancel)
    {
        try
        {
            _known ??= await CorrespondentsAsync(cancel);
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.LoadFailed(log, e);
            return [];
        }

        return
        [
            .. _known
                .Select((a, i) => (Address: a, Rank: Rank(a, typed), Order: i))
                .Where(x => x.Rank < 9).OrderBy(x => x.Rank).ThenBy(x => x.Order).Take(6).Select(x => x.Address),
        ];
    }

    private static int Rank(EmailAddress address, string typed)
    {
        const StringComparison Rule = StringComparison.CurrentCultureIgnoreCase;
        return address switch
        {
            { Name: { } n } when n.StartsWith(typed, Rule) => 0,
            { Email: { } e } when e.StartsWith(typed, Rule) => 1,
            { Name: { } n } when n.Contains(" " + typed, Rule) => 2,
            { Name: { } n } when n.Contains(typed, Rule) => 3,
            { Email: { } e } when e.Contains(typed, Rule) => 4,
            _ => 9,
        };
    }

    private async Task<IReadOnlyList<EmailAddress>> CorrespondentsAsync(CancellationToken cancel)
    {
        var batch = await mail.Jmap.NewBatchAsync(cancel);
        var lists = new List<JmapCall<GetResponse<Email>>>();
        foreach (var role in (string[])["sent", "inbox"])
        {
            if (mail.ByRole(role)?.Id is { } folder)
            {
                var query = batch.Query<Email>(new EmailCondition { InMailbox = folder }, [Comparator.NewestFirst], new QueryPage(0, 150));
                lists.Add(batch.Get<Email>(query.Ids(), ["id", "from", "to", "cc"]));
            }
        }

        await batch.SendAsync(cancel);
        return
        [
            .. lists.Where(l => !l.Failed).SelectMany((l, i) => l.Result.List.SelectMany(e =>
                    i == 0 ? (e.To ?? []).Concat(e.Cc ?? []) : e.From ?? []))
                .Where(Recipients.IsValid)
                .DistinctBy(a => a.Email!.ToLowerInvariant()),
        ];
    }

    /// <summary>Takes the old saved draft away; gives the id of the one that stands in its place.</summary>
    private async Task<string?> ReplaceAsync(string? old, string? now)
    {
        if (old is not null && old != now)
        {
            await mail.Jmap.SetAsync<Email>(destroy: JmapIds.Of([old]));
        }

        return now;
    }

    private async Task MarkAboutAsync(Draft draft)
    {
        if (draft is { AboutEmailId: { } about, AboutKeyword: { } keyword })
        {
            try
            {
                await mail.SetKeywordAsync([about], keyword, true);
            }
            catch (JmapMethodException e)
            {
                WebmailLog.ActionFailed(log, e); // the original may be gone; the answer is on its way all the same
            }
        }
    }

    private Mailbox Drafts => mail.ByRole("drafts") ?? throw new InvalidOperationException("The account has no Drafts folder.");

    private async Task<bool> TakeBackAsync(string submission)
    {
        var batch = await mail.Jmap.NewBatchAsync();
        var cancel = batch.Submit(update: new Dictionary<string, PatchObject>
        {
            [submission] = new PatchObject().Set("undoStatus", "canceled"),
        });
        await batch.SendAsync();
        return cancel.Result.FirstError is not { } error
            || (error.Type == "cannotUnsend" ? false : throw new JmapMethodException("EmailSubmission/set", error.Type, error.Description));
    }

    private async Task UndoAsync(Draft draft, string submission, string email)
    {
        try
        {
            if (!await TakeBackAsync(submission))
            {
                toasts.Failed("It was too late to call the message back.");
                return;
            }

            await mail.Jmap.SetAsync<Email>(update: new Dictionary<string, PatchObject>
            {
                [email] = new PatchObject().MoveTo(Drafts.Id!).Keyword(Keyword.Draft, true),
            });
            draft.EmailId = email;
            Start(draft);
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.ActionFailed(log, e);
            toasts.Failed("The message could not be called back.");
        }
    }
}
