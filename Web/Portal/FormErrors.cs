namespace SaaS.Web.Portal;

/// <summary>What is wrong with which field of a form, in the server's words, keyed by the field's name in the request.</summary>
public sealed class FormErrors
{
    private readonly Dictionary<string, string> _byField = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _shown = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What belongs to no field.</summary>
    public string? General { get; private set; }

    public bool Any => General is not null || _byField.Count > 0;

    /// <summary>Asked by the input that shows it.</summary>
    public string? For(string field)
    {
        _shown.Add(field);
        return _byField.GetValueOrDefault(field);
    }

    public void Set(string field, string text) => _byField[field] = text;

    public void Clear(string field) => _byField.Remove(field);

    public void Reset()
    {
        General = null;
        _byField.Clear();
    }

    /// <summary>A required field left empty: said before the server is asked.</summary>
    public bool Require(string field, string value, string text)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            return true;
        }

        _byField[field] = text;
        return false;
    }

    /// <summary>Takes over a failed call. What belongs to a field that the form does not show is general, so that nothing fails in silence.</summary>
    public void Take(Failure failure)
    {
        Reset();
        foreach (var (field, text) in failure.Fields)
        {
            if (_shown.Contains(field))
            {
                _byField[field] = text;
            }
            else
            {
                General = General is null ? text : General + " " + text;
            }
        }

        if (!Any)
        {
            General = failure.Text;
        }
    }
}
