using System.Buffers;

namespace SaaS.MailHost.Smtp.Wire;

/// <summary>What is wrong with the octets of a message; the first that was found.</summary>
internal enum DataFault
{
    None,
    BareLineFeed,
    BareCarriageReturn,
    Nul,
    LineTooLong,
    TooLarge,
}

/// <summary>
/// Finds the end of a DATA section and takes the stuffed dots out, over any split of the input. Only CRLF "." CRLF ends it: a bare CR or LF
/// anywhere makes the message refused, so no sequence that another host takes for the end can smuggle a command in (CVE-2023-51764).
/// </summary>
/// <remarks>RFC 5321 §4.1.1.4, §4.5.2. After a fault nothing more is given out, but the end is still looked for.</remarks>
internal struct DataScanner(long maxBytes)
{
    /// <summary>
    /// RFC 5321 §4.5.3.1.6 asks for 1,000 octets and that longer ones be taken where possible: HTML on one line is common. Beyond this it is
    /// no text.
    /// </summary>
    public const int MaxLine = 64 * 1024;

    private static readonly SearchValues<byte> Special = SearchValues.Create((byte)'\r', (byte)'\n', (byte)0);

    private At _at;
    private int _line;
    private ulong _tail;

    private enum At
    {
        LineStart,
        /// <summary>Behind a dot that stood at the start of a line and was taken out.</summary>
        Dot,
        DotCr,
        Text,
        Cr,
    }

    public DataFault Fault { get; private set; }

    /// <summary>Octets of the message so far.</summary>
    public long Size { get; private set; }

    /// <summary>After a fault: what came last looks like the end to hosts that are lax about line ends. A client that means it so waits for a reply.</summary>
    public readonly bool LooksFinished
    {
        get
        {
            var tail = _tail;
            var ends = 0;
            while (ends < 2 && (byte)tail is (byte)'\r' or (byte)'\n')
            {
                tail >>= 8;
                ends++;
            }

            return Fault != DataFault.None && ends > 0 && (byte)tail == '.' && (byte)(tail >> 8) is (byte)'\r' or (byte)'\n';
        }
    }

    /// <summary>True at the end of the message: <paramref name="consumed"/> is then behind the last CRLF.</summary>
    /// <param name="data">The next octets.</param>
    /// <param name="sink">Gets the octets of the message.</param>
    /// <param name="consumed">How many octets of <paramref name="data"/> belong to this message.</param>
    public bool Scan<TSink>(ReadOnlySpan<byte> data, ref TSink sink, out int consumed)
        where TSink : IDataSink, allows ref struct
    {
        int i = 0, run = 0;
        while (i < data.Length)
        {
            switch (_at)
            {
                case At.LineStart when data[i] == '.':
                    Give(data[run..i], ref sink);
                    run = ++i;
                    _at = At.Dot;
                    break;
                case At.LineStart:
                    _at = At.Text;
                    break;
                case At.Dot when data[i] == '\r':
                    run = ++i;
                    _at = At.DotCr;
                    break;
                case At.Dot:
                    _at = At.Text;
                    break;
                case At.DotCr when data[i] == '\n':
                    consumed = i + 1;
                    return true;
                case At.DotCr:
                    Refuse(DataFault.BareCarriageReturn);
                    _at = At.Text;
                    break;
                case At.Cr when data[i] == '\n':
                    i++;
                    _line = 0;
                    _at = At.LineStart;
                    break;
                case At.Cr:
                    Refuse(DataFault.BareCarriageReturn);
                    _at = At.Text;
                    break;
                default:
                    i = Text(data, i);
                    break;
            }
        }

        Give(data[run..], ref sink);
        Remember(data);
        consumed = data.Length;
        return false;
    }

    private int Text(ReadOnlySpan<byte> data, int i)
    {
        var n = data[i..].IndexOfAny(Special);
        _line += n < 0 ? data.Length - i : n;
        if (_line > MaxLine)
        {
            Refuse(DataFault.LineTooLong);
        }

        if (n < 0)
        {
            return data.Length;
        }

        switch (data[i + n])
        {
            case (byte)'\r':
                _at = At.Cr;
                break;
            case (byte)'\n':
                Refuse(DataFault.BareLineFeed);
                break;
            default:
                Refuse(DataFault.Nul);
                break;
        }

        return i + n + 1;
    }

    private void Give<TSink>(ReadOnlySpan<byte> run, ref TSink sink)
        where TSink : IDataSink, allows ref struct
    {
        Size += run.Length;
        if (Size > maxBytes)
        {
            Refuse(DataFault.TooLarge);
        }

        if (Fault == DataFault.None && !run.IsEmpty)
        {
            sink.Write(run);
        }
    }

    private void Remember(ReadOnlySpan<byte> data)
    {
        foreach (var b in data.Length > 8 ? data[^8..] : data)
        {
            _tail = (_tail << 8) | b;
        }
    }

    private void Refuse(DataFault fault)
    {
        if (Fault == DataFault.None)
        {
            Fault = fault;
        }
    }
}

/// <summary>Where the octets of a message go.</summary>
internal interface IDataSink
{
    void Write(ReadOnlySpan<byte> bytes);
}
