namespace SaaS.MailHost.Imap.Wire;

/// <summary>The client sent what the grammar does not allow: answered with BAD, the connection lives on.</summary>
internal sealed class ImapSyntaxException(string message, string? code = null) : Exception(message)
{
    /// <summary>Response code for the BAD or NO line, without brackets.</summary>
    public string? Code { get; } = code;

    /// <summary>Some well-formed requests are to be answered with NO and a code (BADCHARSET, RFC 9051 §6.4.4).</summary>
    public bool IsRefusal { get; init; }
}
