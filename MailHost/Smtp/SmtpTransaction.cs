using SaaS.Domain.Common;
using SaaS.Domain.Delivery;
using SaaS.Domain.Messages;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp;

internal enum BodyKind
{
    SevenBit,
    EightBit,
    Binary,
}

/// <summary>A recipient that was accepted.</summary>
internal sealed class SmtpRecipient(MailAddress address)
{
    public MailAddress Address => address;

    public RouteDecision Decision { get; set; } = new([], null);

    /// <summary>ORCPT, decoded.</summary>
    public string? OriginalRecipient { get; set; }

    public DsnNotify Notify { get; set; }

    /// <summary>The policy puts it into Junk.</summary>
    public bool Junk { get; set; }
}

/// <summary>From MAIL to the reply behind the message.</summary>
internal sealed class SmtpTransaction(MailAddress? reversePath) : IDisposable
{
    public MailAddress? ReversePath => reversePath;

    public List<SmtpRecipient> Recipients { get; } = [];

    public BodyKind Body { get; set; }

    public bool SmtpUtf8 { get; set; }

    /// <summary>SIZE of MAIL; 0: not given.</summary>
    public long DeclaredSize { get; set; }

    /// <summary>ENVID, decoded.</summary>
    public string? EnvelopeId { get; set; }

    public bool ReturnFull { get; set; }

    /// <summary>Made with the first octet.</summary>
    public MessageBytes? Message { get; set; }

    /// <summary>Timestamp of DATA or the first BDAT; 0: neither has come.</summary>
    public long DataStarted { get; set; }

    /// <summary>Header lines, each with CRLF, that the policy wants in front of the message.</summary>
    public string ExtraHeader { get; set; } = "";

    /// <summary>What the policy found out about the message, for those who judge it after.</summary>
    public object? Verdict { get; set; }

    /// <summary>Of the BDAT chunks so far.</summary>
    public ChunkScanner Chunks;

    /// <summary>Why the chunks so far cannot become a message.</summary>
    public SmtpReply? ChunksRefused { get; set; }

    /// <summary>Puts other bytes in the place of the message.</summary>
    public void Replace(MessageBytes message)
    {
        Message?.Dispose();
        Message = message;
    }

    public void Dispose() => Message?.Dispose();
}
