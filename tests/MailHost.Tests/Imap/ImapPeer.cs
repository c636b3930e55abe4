using System.Diagnostics;
using System.Text;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>A client of our server or of another, that reads whole responses, literals within.</summary>
internal sealed class ImapPeer : IAsyncDisposable
{
    private readonly Func<string, Task> _send;
    private readonly Func<Task<string?>> _line;
    private readonly Func<int, Task<byte[]>> _octets;
    private readonly Func<ValueTask> _close;
    private int _tag;

    private ImapPeer(Func<string, Task> send, Func<Task<string?>> line, Func<int, Task<byte[]>> octets, Func<ValueTask> close) =>
        (_send, _line, _octets, _close) = (send, line, octets, close);

    /// <summary>Ours, signed in.</summary>
    public static async Task<ImapPeer> SignInAsync(ImapHost host)
    {
        var client = await host.Host.ConnectAsync<SaaS.MailHost.Imap.ImapServer>();
        var peer = new ImapPeer(client.SendAsync, () => client.ReadLineAsync(), client.ReadExactlyAsync, client.DisposeAsync);
        await peer.ResponseAsync();
        await peer.DoAsync("LOGIN u1@example.test secret");
        return peer;
    }

    /// <summary>What a process says that is signed in already.</summary>
    public static async Task<ImapPeer> OfAsync(Process process)
    {
        var input = new BufferedStream(process.StandardOutput.BaseStream);
        var peer = new ImapPeer(
            async text =>
            {
                await process.StandardInput.BaseStream.WriteAsync(Encoding.Latin1.GetBytes(text));
                await process.StandardInput.BaseStream.FlushAsync();
            },
            async () =>
            {
                await Task.Yield();
                var line = new StringBuilder();
                for (int b; (b = input.ReadByte()) >= 0;)
                {
                    if (b == '\n')
                    {
                        return line.ToString().TrimEnd('\r');
                    }

                    line.Append((char)b);
                }

                return null;
            },
            async count =>
            {
                var all = new byte[count];
                await input.ReadExactlyAsync(all);
                return all;
            },
            async () =>
            {
                process.StandardInput.Close();
                await process.WaitForExitAsync();
                process.Dispose();
            });
        await peer.ResponseAsync();
        return peer;
    }

    /// <summary>One response whole, its last CRLF left out.</summary>
    public async Task<string> ResponseAsync()
    {
        var text = new StringBuilder();
        while (true)
        {
            var line = await _line() ?? throw new EndOfStreamException($"closed after: {text}");
            text.Append(line);
            var open = line.EndsWith('}') ? line.LastIndexOf('{') : -1;
            if (open < 0 || !int.TryParse(line.AsSpan(open + 1, line.Length - open - 2), out var size))
            {
                return text.ToString();
            }

            text.Append("\r\n").Append(Encoding.Latin1.GetString(await _octets(size)));
        }
    }

    /// <summary>Sends a command and returns all responses to it, the tagged one last and with "tag" in the place of its tag.</summary>
    public async Task<List<string>> DoAsync(string command)
    {
        var tag = $"t{++_tag}";
        await _send($"{tag} {command}\r\n");
        var responses = new List<string>();
        while (true)
        {
            var response = await ResponseAsync();
            if (response.StartsWith(tag + " ", StringComparison.Ordinal))
            {
                responses.Add("tag" + response[tag.Length..]);
                return responses;
            }

            responses.Add(response);
        }
    }

    public ValueTask DisposeAsync() => _close();
}
