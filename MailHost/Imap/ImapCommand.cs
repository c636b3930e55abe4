using SaaS.MailHost.Imap.Wire;

namespace SaaS.MailHost.Imap;

/// <summary>One command: how its arguments read and what it does. One instance serves all sessions, so it keeps nothing.</summary>
internal abstract class ImapCommand
{
    public abstract CommandInfo Info { get; }

    /// <summary>Reads the arguments, the space before them included, to the end of the command.</summary>
    public abstract object? ParseArguments(ref ImapReader r, ImapSession s);

    public abstract ValueTask<ImapResult> ExecuteAsync(ImapSession s, object? arguments, CancellationToken ct);
}

internal abstract class ImapCommand<TArgs> : ImapCommand
    where TArgs : class
{
    public sealed override object? ParseArguments(ref ImapReader r, ImapSession s)
    {
        var args = Parse(ref r, s);
        r.ExpectEnd();
        return args;
    }

    public sealed override ValueTask<ImapResult> ExecuteAsync(ImapSession s, object? arguments, CancellationToken ct) =>
        RunAsync(s, (TArgs)arguments!, ct);

    protected abstract TArgs Parse(ref ImapReader r, ImapSession s);

    protected abstract ValueTask<ImapResult> RunAsync(ImapSession s, TArgs a, CancellationToken ct);
}

/// <summary>A command without arguments.</summary>
internal abstract class BareImapCommand : ImapCommand
{
    public sealed override object? ParseArguments(ref ImapReader r, ImapSession s)
    {
        r.ExpectEnd();
        return null;
    }

    public sealed override ValueTask<ImapResult> ExecuteAsync(ImapSession s, object? arguments, CancellationToken ct) => RunAsync(s, ct);

    protected abstract ValueTask<ImapResult> RunAsync(ImapSession s, CancellationToken ct);
}
