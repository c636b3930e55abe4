using Npgsql;
using SaaS.Domain.Common;
using SaaS.Domain.Delivery;

namespace SaaS.Domain.Messages;

/// <summary>A message that is ready to be stored: parsed, packed, its statement made.</summary>
internal sealed class WaitingStore(StoreRequest request, int size, NpgsqlBatchCommand command)
{
    public StoreRequest Request => request;

    public int Size => size;

    public NpgsqlBatchCommand Command => command;

    public Outcome<StoredMessage>? Outcome { get; set; }

    public Exception? Fault { get; set; }

    /// <summary>Null: it has been stored (or not). Else: it stores these, itself among them.</summary>
    public TaskCompletionSource<IReadOnlyList<WaitingStore>?> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// A line before each account. The first goes at once and alone; who comes while it is at work waits, and then all who wait go together,
/// in one transaction. So mail that pours into one mailbox costs a commit for many, and holds one database connection, not all of them.
/// </summary>
internal sealed class StoreLines
{
    private const int MaxTogether = 64;
    private const long MaxOctetsTogether = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<AccountId, List<WaitingStore>> _lines = [];

    /// <param name="store">What is to be stored.</param>
    /// <param name="run">Gives each of one account's messages its outcome or its fault; may throw for all.</param>
    /// <param name="ct">For the store alone; who goes together with others is not called off.</param>
    public async Task<Outcome<StoredMessage>> RunAsync(
        WaitingStore store, Func<IReadOnlyList<WaitingStore>, CancellationToken, Task> run, CancellationToken ct)
    {
        if (!TryWait(store))
        {
            try
            {
                await run([store], ct);
            }
            finally
            {
                Next(store.Request.Account);
            }
        }
        else if (await store.Turn.Task is { } together)
        {
            try
            {
                await run(together, together.Count == 1 ? ct : CancellationToken.None);
            }
            catch (Exception e)
            {
                foreach (var one in together)
                {
                    one.Fault ??= one.Outcome is null ? e : null;
                }
            }
            finally
            {
                Next(store.Request.Account);
                foreach (var other in together.Skip(1))
                {
                    other.Turn.SetResult(null);
                }
            }
        }

        if (store.Fault is { } fault)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        }

        return store.Outcome ?? throw new InvalidOperationException("A store has ended without an outcome.");
    }

    private bool TryWait(WaitingStore store)
    {
        lock (_lock)
        {
            if (_lines.TryGetValue(store.Request.Account, out var line))
            {
                line.Add(store);
                return true;
            }

            _lines.Add(store.Request.Account, []);
            return false;
        }
    }

    /// <summary>Hands the line to its first, with as many behind it as may go together.</summary>
    private void Next(AccountId account)
    {
        List<WaitingStore> together;
        lock (_lock)
        {
            var line = _lines[account];
            if (line.Count == 0)
            {
                _lines.Remove(account);
                return;
            }

            var count = 1;
            for (long octets = line[0].Size; count < line.Count && count < MaxTogether && (octets += line[count].Size) <= MaxOctetsTogether;)
            {
                count++;
            }

            together = line[..count];
            line.RemoveRange(0, count);
        }

        together[0].Turn.SetResult(together);
    }
}
