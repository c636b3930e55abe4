using Npgsql;
using NpgsqlTypes;

namespace SaaS.Domain.Messages;

/// <summary>Collects the values of a statement that is put together from pieces; what it returns ("$3") is all that goes into the text.</summary>
public sealed class SqlParameters
{
    private readonly List<NpgsqlParameter> _values = [];

    public string Add(long value) => Add(new NpgsqlParameter<long> { TypedValue = value });

    public string Add(string value) => Add(new NpgsqlParameter<string> { TypedValue = value });

    public string Add(DateTimeOffset value) => Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = value.ToUniversalTime() });

    public string Add(IEnumerable<long> values) =>
        Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });

    public NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in _values)
        {
            command.Parameters.Add(value.Clone());
        }

        return command;
    }

    private string Add(NpgsqlParameter value)
    {
        _values.Add(value);
        return $"${_values.Count}";
    }
}
