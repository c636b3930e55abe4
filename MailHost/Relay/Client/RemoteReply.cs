namespace SaaS.MailHost.Relay.Client;

/// <summary>A reply of a remote server: code, and its lines as one text without control characters.</summary>
internal sealed record RemoteReply(int Code, string Text, IReadOnlyList<string> Lines)
{
    public bool Positive => Code is >= 200 and < 400;

    public bool Permanent => Code is >= 500 and < 600;

    public override string ToString() => $"{Code} {Text}";
}

/// <summary>The connection cannot be used any more: lost, timed out, or what came is not SMTP. Never the remote's considered answer.</summary>
internal sealed class RemoteConnectionException(string message, Exception? inner = null) : Exception(message, inner);
