using SaaS.Domain.Common;
using SaaS.MailHost.Smtp.Wire;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>HELO: a client without extensions.</summary>
/// <remarks>RFC 5321 §4.1.1.1.</remarks>
internal sealed class HeloCommand : SmtpCommand<HeloCommand.Args>
{
    private static readonly System.Buffers.SearchValues<char> NotInNames = System.Buffers.SearchValues.Create("()<>\"\\;,");

    internal sealed record Args(string Name);

    public override string Verb => "HELO";

    public override bool IsOffered(SmtpSession session) => !session.Profile.Lmtp;

    protected override Args Parse(ref SmtpReader reader) => new(ReadName(ref reader));

    protected override ValueTask<SmtpReply> RunAsync(SmtpSession session, Args arguments, CancellationToken ct)
    {
        session.Greet(arguments.Name, extended: false);
        return new(new SmtpReply(250, null, session.HostName));
    }

    // ehlo = "EHLO" SP ( Domain / address-literal ) CRLF
    /// <summary>Deviates from RFC 5321 §4.1.1.1: any printable word is taken, since many clients send a bare or wrong name.</summary>
    internal static string ReadName(ref SmtpReader reader)
    {
        var name = reader.ReadWord();
        reader.ExpectEnd();
        if (name.Length is 0 or > 255 || name.AsSpan().ContainsAny(NotInNames))
        {
            throw SmtpSyntaxException.Arguments("A host name or address literal is missing.");
        }

        return DomainName.TryNormalize(name, out var ascii) ? ascii : name;
    }
}
