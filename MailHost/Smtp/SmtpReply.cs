using System.Globalization;
using System.Text;

namespace SaaS.MailHost.Smtp;

/// <summary>What the server says, rendered once. Enhanced codes are RFC 2034 / 3463.</summary>
internal sealed class SmtpReply
{
    private SmtpReply(int code, byte[] bytes, string text) => (Code, Bytes, Text) = (code, bytes, text);

    public SmtpReply(int code, string? enhanced, params ReadOnlySpan<string> lines)
        : this(code, Render(code, enhanced, lines), string.Join(' ', lines.ToArray()))
    {
    }

    public int Code { get; }

    /// <summary>All lines, each with its CRLF.</summary>
    public byte[] Bytes { get; }

    /// <summary>For the log.</summary>
    public string Text { get; }

    public bool Positive => Code < 400;

    /// <summary>The server closes behind it.</summary>
    public bool Closes { get; init; }

    /// <summary>The client wrote nonsense or acted against the order: counted, and too many end the session.</summary>
    public bool IsProtocolError => Code is >= 500 and <= 504 or 555;

    /// <summary>Several replies to one command (LMTP, RFC 2033 §4.2).</summary>
    public static SmtpReply Many(IReadOnlyList<SmtpReply> replies) =>
        new(replies[0].Code, [.. replies.SelectMany(r => r.Bytes)], string.Join(" | ", replies.Select(r => r.Text)));

    /// <summary>The same, and the server closes behind it.</summary>
    public SmtpReply Closing() => new(Code, Bytes, Text) { Closes = true };

    private static byte[] Render(int code, string? enhanced, ReadOnlySpan<string> lines)
    {
        var text = new StringBuilder();
        for (var i = 0; i < lines.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{code}{(i < lines.Length - 1 ? '-' : ' ')}");
            if (enhanced is not null)
            {
                text.Append(enhanced).Append(' ');
            }

            text.Append(lines[i]).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
