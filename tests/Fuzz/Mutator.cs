namespace SaaS.Fuzz;

/// <summary>Makes new inputs out of old ones; the same seed makes the same inputs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words)
{
    private const int MaxLength = 256 * 1024;

    private static readonly byte[][] Numbers =
    [
        .. new[]
        {
            "0", "1", "-1", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
            "18446744073709551615", "99999999999999999999999",
        }.Select(n => System.Text.Encoding.ASCII.GetBytes(n)),
    ];

    private static readonly byte[] Telling = "\r\n \"\\(){}[]<>*%+-.,:;=@/!&~\0\t"u8.ToArray();

    public byte[] Mutate(byte[] input, byte[] other)
    {
        var result = new List<byte>(input);
        for (var n = 1 + random.Next(1 << random.Next(4)); n > 0; n--)
        {
            Once(result, other);
        }

        return result.Count > MaxLength ? [.. result[..MaxLength]] : [.. result];
    }

    private void Once(List<byte> b, byte[] other)
    {
        var at = random.Next(b.Count + 1);
        var length = b.Count == at ? 0 : random.Next(Math.Min(b.Count - at, 1 << random.Next(12))) + 1;
        switch (random.Next(13))
        {
            case 0 when b.Count > at:
                b[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when b.Count > at:
                b[at] = (byte)random.Next(256);
                break;
            case 2:
                b.RemoveRange(at, length);
                break;
            case 3:
                b.InsertRange(at, b.GetRange(at, length));
                break;
            case 4:
                b.Insert(at, Telling[random.Next(Telling.Length)]);
                break;
            case 5 when words.Count > 0:
                b.InsertRange(at, words[random.Next(words.Count)]);
                break;
            case 6 when words.Count > 0:
                b.RemoveRange(at, length);
                b.InsertRange(at, words[random.Next(words.Count)]);
                break;
            case 7:
                Number(b, at);
                break;
            case 8:
                var piece = b.GetRange(at, Math.Min(length, 64));
                for (var n = random.Next(1 << random.Next(11)); n > 0 && b.Count < MaxLength; n--)
                {
                    b.InsertRange(at, piece);
                }

                break;
            case 9 when other.Length > 0:
                var from = random.Next(other.Length);
                b.InsertRange(at, other.AsSpan(from, random.Next(other.Length - from) + 1).ToArray());
                break;
            case 10 when other.Length > 0:
                b.RemoveRange(at, b.Count - at);
                b.AddRange(other.AsSpan(random.Next(other.Length)).ToArray());
                break;
            case 11:
                Line(b, other);
                break;
            default:
                b.InsertRange(at, Enumerable.Range(0, random.Next(8) + 1).Select(_ => (byte)random.Next(256)));
                break;
        }
    }

    /// <summary>Another number in the place of one that is there.</summary>
    private void Number(List<byte> b, int at)
    {
        var start = b.FindIndex(at, x => x is >= (byte)'0' and <= (byte)'9');
        if (start < 0)
        {
            b.InsertRange(at, Numbers[random.Next(Numbers.Length)]);
            return;
        }

        var end = b.FindIndex(start, x => x is < (byte)'0' or > (byte)'9');
        b.RemoveRange(start, (end < 0 ? b.Count : end) - start);
        b.InsertRange(start, random.Next(3) == 0 ? System.Text.Encoding.ASCII.GetBytes($"{random.Next(300)}") : Numbers[random.Next(Numbers.Length)]);
    }

    /// <summary>A whole line of another input between two of this one.</summary>
    private void Line(List<byte> b, byte[] other)
    {
        var lines = System.Text.Encoding.Latin1.GetString(other).Split("\r\n");
        var line = System.Text.Encoding.Latin1.GetBytes(lines[random.Next(lines.Length)] + "\r\n");
        var feed = b.Count == 0 ? -1 : b.IndexOf((byte)'\n', random.Next(b.Count));
        b.InsertRange(feed + 1, line);
    }
}
