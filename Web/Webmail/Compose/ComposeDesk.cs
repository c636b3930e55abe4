using SaaS.Client.Jmap;
using SaaS.Web.Shared;
using SaaS.Web.Webmail.Reading;

namespace SaaS.Web.Webmail.Compose;

/// <summary>The messages being written in this circuit, and how they are saved, sent and called back.</summary>
public sealed class ComposeDesk(MailSession mail, MailPreferences preferences, MailHtml html, Toasts toasts, ILogger<ComposeDesk> log)
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
        var drafts = mail.ByRole("drafts") ?? throw new InvalidOperationException("The account has no Drafts folder.");
        var set = await mail.Jmap.SetAsync(
            create: new Dictionary<string, Email> { ["draft"] = draft.ToEmail(IdentityOf(draft), drafts.Id!, draft: true) },
            destroy: draft.EmailId is { } old ? JmapIds.Of([old]) : null);
        if (set.NotCreated?.Values.FirstOrDefault() is { } error)
        {
            throw new JmapMethodException("Email/set", error.Type, error.Description);
        }

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

    /// <summary>Sends after the user's time for second thoughts, or at the given moment.</summary>
    public async Task SendAsync(Draft draft, TimeSpan? later = null)
    {
        var identity = IdentityOf(draft) ?? throw new InvalidOperationException("The account has no identity to send as.");
        var drafts = mail.ByRole("drafts") ?? throw new InvalidOperationException("The account has no Drafts folder.");
        var sent = mail.ByRole("sent") ?? drafts;
        var hold = later ?? TimeSpan.FromSeconds(preferences.UndoSeconds);
        var batch = await mail.Jmap.NewBatchAsync();
        var created = batch.Set(
            create: new Dictionary<string, Email> { ["mail"] = draft.ToEmail(identity, drafts.Id!, draft: true) });
        var submitted = batch.Submit(
            create: new Dictionary<string, EmailSubmission>
            {
                ["send"] = new()
                {
                    IdentityId = identity.Id,
                    EmailId = "#mail",
                    Envelope = hold > TimeSpan.Zero
                        ? Envelope.Held(identity.Email!, draft.Everyone.Select(a => a.Email!).Distinct(StringComparer.OrdinalIgnoreCase), hold)
                        : null,
                },
            },
            onSuccessUpdateEmail: new Dictionary<string, PatchObject>
            {
                ["#send"] = new PatchObject().MoveTo(sent.Id!).Keyword(Keyword.Draft, false),
            });
        await batch.SendAsync();
        MailSession.Check(created.Result);
        var email = created.Result.Created?["mail"].Id;
        if (submitted.Failed || submitted.Result.FirstError is not null)
        {
            draft.EmailId = await ReplaceAsync(draft.EmailId, email);
            var error = submitted.Failed ? submitted.Error!.Description : submitted.Result.FirstError!.Description;
            throw new JmapMethodException("EmailSubmission/set", "notSent", error ?? "The server did not take the message.");
        }

        draft.EmailId = await ReplaceAsync(draft.EmailId, null);
        var submission = submitted.Result.Created!["send"].Id!;
        await MarkAboutAsync(draft);
        Close(draft);
        if (later is null && hold > TimeSpan.Zero)
        {
            toasts.Offer("Message sent", "Undo", () => UndoAsync(draft, submission, email!), hold);
        }
        else
        {
            toasts.Done(later is null ? "Message sent" : "Message scheduled");
        }
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

    private async Task UndoAsync(Draft draft, string submission, string email)
    {
        try
        {
            var batch = await mail.Jmap.NewBatchAsync();
            var cancel = batch.Submit(update: new Dictionary<string, PatchObject>
            {
                [submission] = new PatchObject().Set("undoStatus", "canceled"),
            });
            await batch.SendAsync();
            MailSession.Check(cancel.Result);
            var drafts = mail.ByRole("drafts")!;
            await mail.Jmap.SetAsync<Email>(update: new Dictionary<string, PatchObject>
            {
                [email] = new PatchObject().MoveTo(drafts.Id!).Keyword(Keyword.Draft, true),
            });
            draft.EmailId = email;
            Start(draft);
        }
        catch (Exception e) when (MailFault.Is(e))
        {
            WebmailLog.ActionFailed(log, e);
            toasts.Failed("It was too late to call the message back.");
        }
    }
}
