using System.Buffers;

namespace SaaS.MailHost.Smtp.Wire;

/// <summary>Looks at the octets of BDAT chunks, over any split: whether they are text with CRLF line ends, or need BINARYMIME.</summary>
/// <remarks>RFC 3030 §2, §3.</remarks>
internal struct ChunkScanner
{
    private static readonly SearchValues<byte> Special = SearchValues.Create((byte)'\r', (byte)'\n', (byte)0);

    private bool _cr;

    /// <summary>None: it can be sent on as text.</summary>
    public DataFault Fault { get; private set; }

    public void Scan(ReadOnlySpan<byte> data)
    {
        while (Fault == DataFault.None && !data.IsEmpty)
        {
            if (_cr)
            {
                _cr = false;
                if (data[0] != '\n')
                {
                    Fault = DataFault.BareCarriageReturn;
                    return;
                }

                data = data[1..];
                continue;
            }

            var n = data.IndexOfAny(Special);
            if (n < 0)
            {
                return;
            }

            if (data[n] == '\r')
            {
                _cr = true;
            }
            else
            {
                Fault = data[n] == 0 ? DataFault.Nul : DataFault.BareLineFeed;
            }

            data = data[(n + 1)..];
        }
    }

    /// <summary>Call behind the last chunk.</summary>
    public void End()
    {
        if (_cr && Fault == DataFault.None)
        {
            Fault = DataFault.BareCarriageReturn;
        }
    }
}
