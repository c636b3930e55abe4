using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>A verb: its grammar and what it does. One instance serves all sessions.</summary>
internal abstract class SmtpCommand
{
    /// <summary>Upper case.</summary>
    public abstract string Verb { get; }

    /// <summary>False: 502, as if it did not exist.</summary>
    public virtual bool IsOffered(SmtpSession session) => true;

    internal abstract object ParseArguments(ref SmtpReader reader);

    internal abstract ValueTask<SmtpReply> RunAsync(SmtpSession session, object arguments, CancellationToken ct);

    /// <summary>The state table refused it. A command that has octets of its own behind the line takes them off here.</summary>
    internal virtual ValueTask SkipAsync(SmtpSession session, object arguments, CancellationToken ct) => ValueTask.CompletedTask;
}

internal abstract class SmtpCommand<TArguments> : SmtpCommand
    where TArguments : class
{
    internal sealed override object ParseArguments(ref SmtpReader reader) => Parse(ref reader);

    internal sealed override ValueTask<SmtpReply> RunAsync(SmtpSession session, object arguments, CancellationToken ct) =>
        RunAsync(session, (TArguments)arguments, ct);

    internal sealed override ValueTask SkipAsync(SmtpSession session, object arguments, CancellationToken ct) =>
        SkipAsync(session, (TArguments)arguments, ct);

    protected abstract TArguments Parse(ref SmtpReader reader);

    protected abstract ValueTask<SmtpReply> RunAsync(SmtpSession session, TArguments arguments, CancellationToken ct);

    protected virtual ValueTask SkipAsync(SmtpSession session, TArguments arguments, CancellationToken ct) => ValueTask.CompletedTask;
}
