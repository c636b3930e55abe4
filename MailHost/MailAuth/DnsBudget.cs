using System.Net;
using System.Net.Sockets;
using SaaS.Domain.Dns;

namespace SaaS.MailHost.MailAuth;

/// <summary>
/// What one message may cost in questions and time. What is over the budget is answered TemporaryError at once; <see cref="Exhausted"/> says so, because a
/// sender who writes records that eat it up must not win by it.
/// </summary>
internal sealed class DnsBudget(IDnsResolver inner, TimeProvider clock, int queries, TimeSpan time) : IDnsResolver
{
    public const int Queries = 40;
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(5);

    // One name server that does not answer leaves time for the rest.
    private static readonly TimeSpan PerQuestion = TimeSpan.FromSeconds(2);

    private readonly long _started = clock.GetTimestamp();
    private int _left = queries;

    public DnsBudget(IDnsResolver inner, TimeProvider clock)
        : this(inner, clock, Queries, Time)
    {
    }

    /// <summary>A question was not asked because too many were asked before.</summary>
    public bool Exhausted { get; private set; }

    public int Asked { get; private set; }

    /// <summary>Some more questions, so that what was spent on one method does not take those of the next.</summary>
    public void Grant(int more) => _left = Math.Max(_left, 0) + more;

    public ValueTask<DnsAnswer<MxRecord>> MxAsync(string name, CancellationToken ct) => AskAsync(c => inner.MxAsync(name, c), ct);

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken ct) => AskAsync(c => inner.AddressesAsync(name, c), ct);

    public ValueTask<DnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken ct) =>
        AskAsync(c => inner.AddressesAsync(name, family, c), ct);

    public ValueTask<DnsAnswer<string>> TxtAsync(string name, CancellationToken ct) => AskAsync(c => inner.TxtAsync(name, c), ct);

    public ValueTask<DnsAnswer<string>> CnameAsync(string name, CancellationToken ct) => AskAsync(c => inner.CnameAsync(name, c), ct);

    public ValueTask<DnsAnswer<string>> PtrAsync(IPAddress address, CancellationToken ct) => AskAsync(c => inner.PtrAsync(address, c), ct);

    private async ValueTask<DnsAnswer<T>> AskAsync<T>(Func<CancellationToken, ValueTask<DnsAnswer<T>>> ask, CancellationToken ct)
    {
        var left = time - clock.GetElapsedTime(_started);
        if (left <= TimeSpan.Zero)
        {
            return Away<T>();
        }

        if (_left-- <= 0)
        {
            Exhausted = true;
            return Away<T>();
        }

        Asked++;
        var asking = ask(ct);
        if (asking.IsCompleted)
        {
            return await asking;
        }

        try
        {
            // The question itself goes on: its answer will be in the cache when the sender tries again.
            return await asking.AsTask().WaitAsync(left < PerQuestion ? left : PerQuestion, clock, ct);
        }
        catch (TimeoutException)
        {
            return Away<T>();
        }
    }

    private static DnsAnswer<T> Away<T>() => new(DnsStatus.TemporaryError, [], TimeSpan.Zero);
}
