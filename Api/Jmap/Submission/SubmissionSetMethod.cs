using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using SaaS.Api.Jmap.Mail;
using SaaS.Client.Jmap;
using SaaS.Domain.Common;
using SaaS.Domain.Messages;
using SaaS.Domain.Sharing;
using SaaS.Domain.Submissions;
using MailboxRights = SaaS.Domain.Sharing.MailboxRights;

namespace SaaS.Api.Jmap.Submission;

/// <summary>RFC 8621 §7.5. Sends, holds back, takes back; then acts on the email as told.</summary>
internal sealed class SubmissionSetMethod(
    SubmissionService submissions, IdentityService identities, EmailQueryService queries, MessageStore store, EmailSetMethod emailSet,
    IOptions<JmapOptions> options, TimeProvider clock) : JmapMethod
{
    public override string Name => "EmailSubmission/set";

    public override string Capability => JmapCapability.Submission;

    public override bool Sends => true;

    public override async Task<JsonObject> RunAsync(MethodCall call, CancellationToken ct)
    {
        var run = new SetRun(call, options.Value.MaxObjectsInSet);
        var onUpdate = call.Arguments.OptionalObject("onSuccessUpdateEmail") ?? [];
        var onDestroy = call.Arguments.OptionalStrings("onSuccessDestroyEmail") ?? [];
        var oldState = (await queries.StateAsync(call.Account, ct)).ToString();
        run.CheckState(oldState);

        // Submission id, and "#creationId" -> its email.
        var emails = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in run.Create)
        {
            try
            {
                var made = await CreateAsync(call, value as JsonObject ?? throw SetException.Invalid(key, "Not an object."), ct);
                var id = JmapIds.OfSubmission(made.Id);
                call.CreatedIds[key] = id;
                emails["#" + key] = emails[id] = JmapIds.Of(made.MessageId);
                run.Created[key] = GetArguments.Pick(
                    SubmissionJson.Of(made), ["id", "threadId", "envelope", "sendAt", "undoStatus", "deliveryStatus", "dsnBlobIds", "mdnBlobIds"]);
            }
            catch (SetException e)
            {
                run.NotCreated[key] = e.Error;
            }
        }

        await run.UpdateEachAsync(async (id, patch) =>
        {
            var canceled = await CancelAsync(call, id, patch, ct);
            emails[id] = JmapIds.Of(canceled.MessageId);
            return null;
        });
        await run.DestroyEachAsync(_ => throw new SetException(SetErrors.Of("forbidden", "Submissions end by themselves.")));
        var response = run.Response(oldState, (await queries.StateAsync(call.Account, ct)).ToString());
        await ActOnEmailsAsync(call, emails, onUpdate, onDestroy, ct);
        return response;
    }

    /// <summary>The implicit Email/set, whose response follows under the same call id.</summary>
    private async Task ActOnEmailsAsync(
        MethodCall call, Dictionary<string, string> emails, JsonObject onUpdate, IReadOnlyList<string> onDestroy, CancellationToken ct)
    {
        var update = new JsonObject();
        foreach (var (key, patch) in onUpdate)
        {
            if (emails.TryGetValue(key, out var email))
            {
                update[email] = patch?.DeepClone();
            }
        }

        var destroy = onDestroy.Where(emails.ContainsKey).Select(k => emails[k]).Distinct(StringComparer.Ordinal).ToList();
        if (update.Count == 0 && destroy.Count == 0)
        {
            return;
        }

        var arguments = new JsonObject { ["accountId"] = JmapIds.Of(call.Account), ["update"] = update, ["destroy"] = destroy.ToJson() };
        call.Extra.Add(("Email/set", await emailSet.RunAsync(call.With(arguments), ct)));
    }

    private async Task<Domain.Submissions.EmailSubmission> CreateAsync(MethodCall call, JsonObject o, CancellationToken ct)
    {
        var values = new Values(o);
        values.RefuseUnknown("identityId", "emailId", "envelope", "sendAt");
        var all = await identities.ListAsync(call.Account, ct);
        var identity = all.FirstOrDefault(i => JmapIds.OfIdentity(i.Id) == call.Resolve(values.Text("identityId") ?? ""))
            ?? throw SetException.Invalid("identityId", "No such identity.");
        var email = JmapIds.Email(call.Resolve(values.Text("emailId") ?? "")) is { } id ? await queries.RowAsync(call.Account, id, ct) : null;
        if (email is null)
        {
            throw SetException.Invalid("emailId", "No such email.");
        }

        var envelope = (await store.ContentsAsync(call.Account, [email.Content], ct)).GetValueOrDefault(email.Content)?.Envelope
            ?? throw SetException.Invalid("emailId", "No such email.");
        var own = await identities.AddressesAsync(call.Account, ct);
        var onBehalf = await OnBehalfAsync(call, envelope, own, ct);
        CheckFrom(envelope, own, onBehalf);

        var given = values.Object("envelope");
        var sender = given is null ? null : new Values(given["mailFrom"] as JsonObject ?? throw SetException.Invalid("envelope", "mailFrom is missing."));
        if (!MailAddress.TryParse(sender?.Text("email") ?? identity.Email, out var mailFrom) || !IdentityService.Owns(own, mailFrom))
        {
            throw new SetException(SetErrors.Of("forbiddenMailFrom", "This address is not yours to send from."));
        }

        var now = clock.GetUtcNow();
        var sendAt = HeldUntil(sender?.Object("parameters"), now) ?? values.Date("sendAt") ?? now;
        if (sendAt > now + SubmissionService.MaxDelay)
        {
            throw SetException.Invalid("sendAt", $"At most {SubmissionService.MaxDelay.TotalDays:0} days from now.");
        }

        var made = await submissions.SubmitAsync(new SubmitRequest
        {
            Account = call.Account,
            IdentityId = identity.Id,
            Message = email,
            MailFrom = mailFrom,
            Sender = onBehalf,
            RcptTo = Recipients(given, envelope),
            SendAt = sendAt < now ? now : sendAt,
        }, ct);
        return made.Ok ? made.Value : throw new SetException(SetErrors.Of(made.Refusal));
    }

    /// <summary>Whom Sender has to name: a caller who may send for a shared mailbox, but not as it (RFC 5322 §3.6.2).</summary>
    private async Task<string?> OnBehalfAsync(MethodCall call, MessageEnvelope envelope, IReadOnlyList<OwnAddress> own, CancellationToken ct)
    {
        var needed = call.Access.Shared is { } shared
            ? !shared.Everywhere.Has(MailboxRights.SendAs)
            : (envelope.From ?? []).Any(f => MailAddress.TryParse(f.Email, out var from)
                && IdentityService.Owns([.. own.Where(a => a.OnBehalf)], from) && !IdentityService.Owns([.. own.Where(a => !a.OnBehalf)], from));
        return needed ? (await identities.AddressesAsync(call.Caller.Account!.Value, ct)).First(a => a.Primary).Address : null;
    }

    /// <summary>Every address in From must be the account's own (and Sender, where there is one; that of who sends on behalf, where somebody does).</summary>
    private static void CheckFrom(MessageEnvelope envelope, IReadOnlyList<OwnAddress> own, string? onBehalf)
    {
        var from = (envelope.From ?? []).Where(a => a.Local is not null).ToList();
        if (from.Count == 0)
        {
            throw new SetException(SetErrors.Of("invalidEmail", "The email has no sender.", "from"));
        }

        var senders = (envelope.Sender ?? []).Where(a => a.Local is not null).ToList();
        if (from.Any(a => !MailAddress.TryParse(a.Email, out var address) || !IdentityService.Owns(own, address))
            || senders.Exists(a => onBehalf is null
                ? !MailAddress.TryParse(a.Email, out var address) || !IdentityService.Owns(own, address)
                : !onBehalf.Equals(a.Email, StringComparison.OrdinalIgnoreCase)))
        {
            throw new SetException(SetErrors.Of("forbiddenFrom", "This address is not yours to send from."));
        }
    }

    private static List<MailAddress> Recipients(JsonObject? envelope, MessageEnvelope header)
    {
        var texts = envelope is null
            ? (header.To ?? []).Concat(header.Cc ?? []).Concat(header.Bcc ?? []).Where(a => a.Local is not null).Select(a => a.Email ?? "").ToList()
            : (new Values(envelope).Array("rcptTo") ?? []).Select(r => new Values(r as JsonObject ?? throw Values.Wrong("envelope")).Text("email") ?? "").ToList();
        var recipients = new Dictionary<string, MailAddress>(StringComparer.Ordinal);
        var invalid = new List<string>();
        foreach (var text in texts)
        {
            if (MailAddress.TryParse(text, out var address))
            {
                recipients.TryAdd(address.ToString(), address);
            }
            else
            {
                invalid.Add(text);
            }
        }

        if (invalid.Count > 0)
        {
            var error = SetErrors.Of("invalidRecipients");
            error["invalidRecipients"] = invalid.ToJson();
            throw new SetException(error);
        }

        if (recipients.Count == 0)
        {
            throw new SetException(SetErrors.Of("noRecipients"));
        }

        if (recipients.Count > SubmissionService.MaxRecipients)
        {
            var error = SetErrors.Of("tooManyRecipients");
            error["maxRecipients"] = SubmissionService.MaxRecipients;
            throw new SetException(error);
        }

        return [.. recipients.Values];
    }

    /// <summary>HOLDFOR and HOLDUNTIL of RFC 4865 §4.</summary>
    private static DateTimeOffset? HeldUntil(JsonObject? parameters, DateTimeOffset now)
    {
        DateTimeOffset? until = null;
        foreach (var (name, value) in parameters ?? [])
        {
            if (name.Equals("HOLDFOR", StringComparison.OrdinalIgnoreCase))
            {
                until = int.TryParse(value?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                    ? now.AddSeconds(seconds) : throw SetException.Invalid("envelope", "HOLDFOR is a number of seconds.");
            }
            else if (name.Equals("HOLDUNTIL", StringComparison.OrdinalIgnoreCase))
            {
                until = DateTimeOffset.TryParse(value?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                    ? at : throw SetException.Invalid("envelope", "HOLDUNTIL is a date.");
            }
        }

        return until;
    }

    private async Task<Domain.Submissions.EmailSubmission> CancelAsync(MethodCall call, string id, JsonObject patch, CancellationToken ct)
    {
        var values = new Values(patch);
        values.RefuseUnknown("undoStatus");
        if (values.Text("undoStatus") != "canceled")
        {
            throw SetException.Invalid("undoStatus", "It can only become canceled.");
        }

        var number = JmapIds.Submission(id) ?? throw new SetException(SetErrors.NotFound());
        var canceled = await submissions.CancelAsync(call.Account, number, ct);
        return canceled.Ok
            ? canceled.Value
            : throw new SetException(canceled.Refusal.Reason == RefusalReason.Conflict
                ? SetErrors.Of("cannotUnsend", canceled.Refusal.Text)
                : SetErrors.Of(canceled.Refusal));
    }
}
