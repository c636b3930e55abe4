using System.Text.Json;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Xunit;

namespace SaaS.EndToEnd.Tests.Support;

/// <summary>The whole service as a newcomer starts it: ./run --detach on a folder of its own.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly JsonDocument _run;
    private readonly bool _ownsData;

    private Service(string data, JsonDocument run, bool ownsData) => (Data, _run, _ownsData) = (data, run, ownsData);

    public string Data { get; }

    public string this[string key] => _run.RootElement.GetProperty(key).GetString()!;

    public bool Has(string key) => _run.RootElement.TryGetProperty(key, out _);

    public (string Host, int Port) At(string key)
    {
        var parts = this[key].Split(':');
        return (parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    public static Task<Service> StartAsync(
        int portBase, IEnumerable<string> options, CancellationToken ct, IReadOnlyDictionary<string, string>? environment = null) =>
        StartAsync(Directory.CreateTempSubdirectory("postyard-e2e-").FullName, true, portBase, options, ct, environment);

    public static async Task<Service> StartAsync(
        string data, bool ownsData, int portBase, IEnumerable<string> options, CancellationToken ct, IReadOnlyDictionary<string, string>? environment = null)
    {
        // The user postgres has to get into the folder.
        if (Environment.UserName == "root")
        {
            File.SetUnixFileMode(data, (UnixFileMode)0b111_101_101);
        }

        string[] arguments = ["--data", data, "--port-base", portBase.ToString(System.Globalization.CultureInfo.InvariantCulture), "--detach", .. options];
        var (code, output) = await Tools.RunAsync(Path.Combine(Tools.Root, "run"), arguments, ct, environment);
        Assert.True(code == 0, output);
        return new Service(data, JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data, "run.json"), ct)), ownsData);
    }

    /// <summary>Stops it; the data stays for the next start.</summary>
    public async Task StopAsync()
    {
        var (code, output) = await Tools.RunAsync(Path.Combine(Tools.Root, "run"), ["--stop", "--data", Data], CancellationToken.None);
        Assert.True(code == 0, output);
    }

    public async Task<ImapClient> ImapAsync(string user, CancellationToken ct, string password = "secret")
    {
        var client = new ImapClient { ServerCertificateValidationCallback = (_, _, _, _) => true };
        var (host, port) = At("imaps");
        await client.ConnectAsync(host, port, SecureSocketOptions.SslOnConnect, ct);
        await client.AuthenticateAsync(user, password, ct);
        return client;
    }

    /// <summary>A stranger's mail server hands over a message.</summary>
    public async Task DeliverAsync(MimeMessage message, CancellationToken ct)
    {
        using var client = new SmtpClient();
        var (host, port) = At("smtp_mx");
        await client.ConnectAsync(host, port, SecureSocketOptions.None, ct);
        await client.SendAsync(message, ct);
        await client.DisconnectAsync(true, ct);
    }

    /// <summary>A customer's mail client sends.</summary>
    public async Task SubmitAsync(string user, MimeMessage message, CancellationToken ct)
    {
        using var client = new SmtpClient { ServerCertificateValidationCallback = (_, _, _, _) => true };
        var (host, port) = At("smtp_submission");
        await client.ConnectAsync(host, port, SecureSocketOptions.StartTls, ct);
        await client.AuthenticateAsync(user, "secret", ct);
        await client.SendAsync(message, ct);
        await client.DisconnectAsync(true, ct);
    }

    public static MimeMessage Compose(string from, string to, string subject, string text = "Hello from outside.")
    {
        var message = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = text } };
        message.From.Add(MailboxAddress.Parse(from));
        message.To.Add(MailboxAddress.Parse(to));
        return message;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _run.Dispose();
        if (_ownsData)
        {
            Directory.Delete(Data, recursive: true);
        }
    }
}
