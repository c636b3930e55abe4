namespace SaaS.Fuzz;

/// <summary>Something that strangers' octets reach. <see cref="RunAsync"/> throws where it does not keep its promises.</summary>
internal abstract class Target : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>How long one input may take, on a machine that does other things as well.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromSeconds(20);

    /// <summary>Octets that one input may make the process allocate.</summary>
    public virtual long MaxAllocated => 256L << 20;

    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Words that mean something to it, for the mutator to put in.</summary>
    public virtual IReadOnlyList<byte[]> Words => [];

    public abstract Task RunAsync(byte[] input);

    /// <summary>Before the first input, and now and then again: state that inputs left behind goes.</summary>
    public virtual Task ResetAsync() => Task.CompletedTask;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
