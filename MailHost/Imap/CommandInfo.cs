namespace SaaS.MailHost.Imap;

[Flags]
internal enum ImapStates
{
    NotAuthenticated = 1,
    Authenticated = 2,
    Selected = 4,
    SignedIn = Authenticated | Selected,
    Any = NotAuthenticated | SignedIn,
}

/// <summary>What a command does with message numbers (RFC 9051 §5.5, §7.5.1).</summary>
internal enum SequenceUse
{
    /// <summary>EXPUNGE may be sent before its tagged response.</summary>
    None,

    /// <summary>Its arguments or answers are message numbers: no EXPUNGE meanwhile, unless it came as UID.</summary>
    Numbers,
}

/// <summary>What the session must know of a command before it runs it.</summary>
internal sealed record CommandInfo(string Name)
{
    public required ImapStates States { get; init; }

    public SequenceUse Sequences { get; init; }

    /// <summary>"UID X" is the same command.</summary>
    public bool AllowsUid { get; init; }

    /// <summary>"UID X" is all that is left of it once message numbers are off (RFC 9586 §3).</summary>
    public bool NeedsUid => AllowsUid && Name != "EXPUNGE";

    /// <summary>Its line ends in the literal of a message, which streams into the store.</summary>
    public bool TakesMessage { get; init; }

    /// <summary>What is advertised because this command is in the table.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Looks for news of the selected mailbox even when nothing hints at them.</summary>
    public bool Polls { get; init; }

    /// <summary>Arguments are secret: never logged.</summary>
    public bool Secret { get; init; }
}
