namespace SaaS.MailHost.Net;

/// <summary>One timer for all connections: looks once a second whose deadline has passed.</summary>
internal sealed class ConnectionDeadlines : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly List<ClientConnection> _due = [];
    private ClientConnection? _first;

    public ConnectionDeadlines(TimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(static state => ((ConnectionDeadlines)state!).Sweep(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public void Set(ClientConnection connection, TimeSpan fromNow) =>
        connection.DeadlineAt = _clock.GetTimestamp() + (long)(fromNow.TotalSeconds * _clock.TimestampFrequency);

    public void Add(ClientConnection connection)
    {
        lock (_lock)
        {
            connection.Next = _first;
            _first?.Previous = connection;
            _first = connection;
        }
    }

    public void Remove(ClientConnection connection)
    {
        lock (_lock)
        {
            if (connection.Previous is null && _first != connection)
            {
                return;
            }

            if (connection.Previous is { } previous)
            {
                previous.Next = connection.Next;
            }
            else
            {
                _first = connection.Next;
            }

            connection.Next?.Previous = connection.Previous;
            connection.Next = connection.Previous = null;
        }
    }

    private void Sweep()
    {
        lock (_due)
        {
            lock (_lock)
            {
                var now = _clock.GetTimestamp();
                for (var c = _first; c is not null; c = c.Next)
                {
                    if (c.DeadlineAt <= now)
                    {
                        _due.Add(c);
                    }
                }
            }

            foreach (var c in _due)
            {
                c.OnDeadline();
            }

            _due.Clear();
        }
    }

    public void Dispose() => _timer.Dispose();
}
