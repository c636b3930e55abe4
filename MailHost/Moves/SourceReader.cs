using MailKit;
using MailKit.Net.Imap;
using SaaS.Domain.Moves;

namespace SaaS.MailHost.Moves;

/// <summary>
/// One connection to a source and the folder that is open on it. An answer that the client cannot read ends a connection; then the question is
/// halved and asked again on a new one, until the one message is found that is to blame, which is left behind.
/// </summary>
internal sealed class SourceReader(MoveLease move, SourceConnections sources) : IDisposable
{
    private const int MaxReconnects = 50;

    private SourceConnection? _connection;
    private string? _folder;
    private int _reconnects;

    public SourceConnection Connection => _connection!;

    public ImapFolder Folder { get; private set; } = null!;

    public async Task ConnectAsync(CancellationToken ct) => _connection = await sources.OpenAsync(move, ct);

    /// <summary>EXAMINE: nothing that is done here changes the source.</summary>
    public async Task OpenAsync(string name, CancellationToken ct)
    {
        _folder = name;
        if (!Connection.Client.IsConnected)
        {
            await ReconnectAsync(ct);
            return;
        }

        Folder = (ImapFolder)await Connection.Client.GetFolderAsync(name, ct);
        await Folder.OpenAsync(FolderAccess.ReadOnly, ct);
    }

    /// <summary>Asks about UIDs; those that the source cannot be asked about go to <paramref name="failed"/>, one by one, with the reason.</summary>
    public async Task AskAsync<T>(
        IReadOnlyList<T> items, Func<IReadOnlyList<T>, Task> ask, Func<T, string, Task> failed, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ask(items);
                return;
            }
            catch (MessageNotFoundException)
            {
                if (items.Count == 1)
                {
                    // Expunged meanwhile.
                    return;
                }

                break;
            }
            catch (ImapCommandException e)
            {
                if (items.Count == 1)
                {
                    await failed(items[0], $"the source says: {SourceConnections.Short(e.ResponseText ?? e.Message)}");
                    return;
                }

                break;
            }
            catch (ImapProtocolException e)
            {
                await ReconnectAsync(ct);
                if (items.Count > 1)
                {
                    break;
                }

                if (attempt == 2)
                {
                    await failed(items[0], $"the source's answer cannot be read: {SourceConnections.Short(e.Message)}");
                    return;
                }
            }
        }

        var half = items.Count / 2;
        await AskAsync([.. items.Take(half)], ask, failed, ct);
        await AskAsync([.. items.Skip(half)], ask, failed, ct);
    }

    public void Dispose() => _connection?.Dispose();

    private async Task ReconnectAsync(CancellationToken ct)
    {
        if (++_reconnects > MaxReconnects)
        {
            throw new IOException("The source ended the connection again and again.");
        }

        _connection?.Dispose();
        await ConnectAsync(ct);
        if (_folder is { } name)
        {
            Folder = (ImapFolder)await Connection.Client.GetFolderAsync(name, ct);
            await Folder.OpenAsync(FolderAccess.ReadOnly, ct);
        }
    }
}
