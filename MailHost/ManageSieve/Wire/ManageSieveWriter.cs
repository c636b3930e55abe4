using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace SaaS.MailHost.ManageSieve.Wire;

/// <summary>Answers: text as it is, strings quoted where they can be and as literals else.</summary>
internal static class ManageSieveWriter
{
    public static PipeWriter Raw(this PipeWriter output, string text)
    {
        Encoding.UTF8.GetBytes(text, output);
        return output;
    }

    public static PipeWriter Line(this PipeWriter output) => output.Raw("\r\n");

    public static PipeWriter String(this PipeWriter output, string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > ManageSieveCommand.MaxQuoted || text.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            return output.Raw(string.Create(CultureInfo.InvariantCulture, $"{{{Encoding.UTF8.GetByteCount(text)}}}\r\n")).Raw(text);
        }

        return output.Raw("\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"");
    }
}
