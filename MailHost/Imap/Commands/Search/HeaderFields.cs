using System.Text;

namespace SaaS.MailHost.Imap.Commands.Search;

/// <summary>The fields of a header block, unfolded.</summary>
internal static class HeaderFields
{
    public static IEnumerable<(string Name, string Value)> Read(byte[] header)
    {
        var at = 0;
        while (at < header.Length)
        {
            var end = End(header, at);
            var field = Encoding.UTF8.GetString(header, at, end - at);
            at = end;
            var colon = field.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                yield return (
                    field[..colon].TrimEnd(),
                    field[(colon + 1)..].Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim());
            }
        }
    }

    private static int End(byte[] header, int at)
    {
        while (true)
        {
            var feed = Array.IndexOf(header, (byte)'\n', at);
            if (feed < 0)
            {
                return header.Length;
            }

            at = feed + 1;
            if (at >= header.Length || header[at] is not ((byte)' ' or (byte)'\t'))
            {
                return at;
            }
        }
    }
}
