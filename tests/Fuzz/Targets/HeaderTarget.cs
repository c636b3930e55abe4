using System.Text;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Search;
using SaaS.MailHost.Router;

namespace SaaS.Fuzz.Targets;

/// <summary>Header blocks, encoded words, subjects and search words.</summary>
internal sealed class HeaderTarget : Target
{
    public override string Name => "header";

    public override IEnumerable<byte[]> Seeds() =>
    [
        "From: =?utf-8?q?Z=C3=B6?= <a@b>\r\nTo: x:y@z, \"q\\\"\" <a@b>;\r\nSubject: Re: [list] Fwd: =?iso-8859-1?B?5Q==?=\r\n\tfolded\r\n\r\n"u8.ToArray(),
        "Received: from a (b [192.0.2.1])\r\n by c; Thu, 1 Jan 2026 10:00:00 +0100\r\nDate: 1 Jan 26 10:00 EST\r\nMessage-ID: <a@b>\r\nReferences: <c@d> <e@f>\r\n\r\nbody"u8.ToArray(),
        "=?us-ascii*en?Q?a?= =?utf-8?b?8J+YgA==?= =?x?y?z?="u8.ToArray(),
        "\"two words\" from:alice -not prefix*"u8.ToArray(),
        "X\r\n:\r\n : \r\nA:\0\xff\r\n"u8.ToArray(),
    ];

    public override Task RunAsync(byte[] input)
    {
        foreach (var field in HeaderBlock.Parse(input))
        {
            var text = field.Text;
            _ = BaseSubject.Of(text);
            Promise.That(EncodedWords.Encode(text).All(c => c <= '~' || c == '\u007f'), "an encoded word is not ASCII");
        }

        _ = HeaderScan.Read(input);
        var query = SearchQuery.Parse(Encoding.UTF8.GetString(input));
        _ = query.ToTsQuery("ABCD");
        return Task.CompletedTask;
    }
}
