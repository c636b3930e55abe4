namespace SaaS.Client.Jmap;

/// <summary>RFC 8621 §7.</summary>
public sealed record EmailSubmission : IJmapObject
{
    public static string TypeName => "EmailSubmission";

    public string? Id { get; init; }
    public string? IdentityId { get; init; }
    /// <summary>An id, or "#creationId" of an Email/set before it in the same request.</summary>
    public string? EmailId { get; init; }
    public string? ThreadId { get; init; }
    public Envelope? Envelope { get; init; }
    /// <summary>When it goes out. Set by the server; ask for later with the HOLDUNTIL or HOLDFOR parameter of <see cref="Envelope.MailFrom"/>.</summary>
    public DateTimeOffset? SendAt { get; init; }
    /// <summary>"pending", "final", "canceled". Patch to "canceled" while pending: undo.</summary>
    public string? UndoStatus { get; init; }
    public IReadOnlyDictionary<string, DeliveryStatus>? DeliveryStatus { get; init; }
    public IReadOnlyList<string>? DsnBlobIds { get; init; }
    public IReadOnlyList<string>? MdnBlobIds { get; init; }
}

public sealed record Envelope(EnvelopeAddress MailFrom, IReadOnlyList<EnvelopeAddress> RcptTo)
{
    /// <summary>Holds it back for some seconds: the time in which it can be undone, or a send-later.</summary>
    public static Envelope Held(string from, IEnumerable<string> to, TimeSpan hold) => new(
        new EnvelopeAddress(from, new Dictionary<string, string?>
        {
            ["HOLDFOR"] = ((long)hold.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture),
        }),
        [.. to.Select(address => new EnvelopeAddress(address))]);
}

public sealed record EnvelopeAddress(string Email, IReadOnlyDictionary<string, string?>? Parameters = null);

public sealed record DeliveryStatus
{
    public string SmtpReply { get; init; } = "";
    /// <summary>"queued", "yes", "no", "unknown".</summary>
    public string Delivered { get; init; } = "unknown";
    public string Displayed { get; init; } = "unknown";
}

/// <summary>RFC 8621 §6.</summary>
public sealed record Identity : IJmapObject
{
    public static string TypeName => "Identity";

    public string? Id { get; init; }
    public string? Name { get; init; }
    public string? Email { get; init; }
    public IReadOnlyList<EmailAddress>? ReplyTo { get; init; }
    public IReadOnlyList<EmailAddress>? Bcc { get; init; }
    public string? TextSignature { get; init; }
    public string? HtmlSignature { get; init; }
    public bool? MayDelete { get; init; }
}
