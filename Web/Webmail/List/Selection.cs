namespace SaaS.Web.Webmail.List;

/// <summary>Which rows are ticked. Click ticks one, shift ticks a range, as in any list of files.</summary>
public sealed class Selection
{
    private readonly Dictionary<string, MessageRow> _rows = new(StringComparer.Ordinal);
    private int _anchor = -1;

    /// <summary>True: all that the folder or search holds, also what was never on the screen.</summary>
    public bool Everything { get; set; }

    public int Count => _rows.Count;
    public IReadOnlyCollection<MessageRow> Rows => _rows.Values;

    public bool Has(MessageRow row) => _rows.ContainsKey(row.Id);

    public void Toggle(MessageRow row, int index)
    {
        Everything = false;
        if (!_rows.Remove(row.Id))
        {
            _rows[row.Id] = row;
        }

        _anchor = index;
    }

    /// <summary>Ticks all from the last ticked row to this one.</summary>
    public void Extend(int index, Func<int, MessageRow?> at)
    {
        var from = _anchor < 0 ? index : _anchor;
        for (var i = Math.Min(from, index); i <= Math.Max(from, index); i++)
        {
            if (at(i) is { } row)
            {
                _rows[row.Id] = row;
            }
        }
    }

    public void All(IEnumerable<MessageRow> rows)
    {
        foreach (var row in rows)
        {
            _rows[row.Id] = row;
        }
    }

    public void Clear()
    {
        Everything = false;
        _rows.Clear();
        _anchor = -1;
    }
}
