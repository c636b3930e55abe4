namespace SaaS.Web.Portal;

/// <summary>What is wrong with which field of a form, in the server's words, keyed by the field's name in the request.</summary>
public sealed class FormErrors
{
    private readonly Dictionary<string, string> _byField = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What belongs to no field.</summary>
    public string? General { get; private set; }

    public bool Any => General is not null || _byField.Count > 0;

    public string? For(string field) => _byField.GetValueOrDefault(field);

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

    /// <summary>Takes over a failed call. Only a failure without any field is general.</summary>
    public void Take(Failure failure)
    {
        Reset();
        foreach (var (field, text) in failure.Fields)
        {
            _byField[field] = text;
        }

        if (_byField.Count == 0)
        {
            General = failure.Text;
        }
    }

    /// <summary>Moves what stands at fields that the form does not show to the general message.</summary>
    public void ShowOnly(params string[] fields)
    {
        var stray = _byField.Where(e => !fields.Contains(e.Key, StringComparer.OrdinalIgnoreCase)).ToList();
        foreach (var (field, text) in stray)
        {
            _byField.Remove(field);
            General = General is null ? text : General + " " + text;
        }
    }
}
