using SaaS.Bench;

// dotnet run -c Release --project tests/Bench -- PART [--run DATA/run.json] [options]
//   smtp   messages a second into mailboxes, 4 KB and 50 KB over 20 connections     [--seconds N --mailboxes N --peer no]
//   imap   reading, searching and changing mailboxes of 10,000 and 100,000 messages   [--messages N --peers maildir,mdbox | none]
//   idle   memory per idle IMAP connection, plain and TLS; delivery to IDLE          [--connections N --accounts N --user ADDRESS --mailbox NAME]
//   web    first paint, first row and opening a message in chromium                  [--user ADDRESS --chromium PATH]
// It measures what runs (./run --detach --accounts 5000 --allow-plaintext-auth) and, in the same minutes, a private Postfix and Dovecot that
// it starts beside it (as root, where they are installed). It prints figures and ratios, and never fails because something is slow.
var options = Options.Parse(args);
switch (options.Part)
{
    case "smtp":
        await SmtpBench.RunAsync(options);
        return 0;
    case "imap":
        await ImapBench.RunAsync(options);
        return 0;
    case "idle":
        await IdleBench.RunAsync(options);
        return 0;
    case "web":
        await WebBench.RunAsync(options);
        return 0;
    default:
        Console.WriteLine("Parts: smtp, imap, idle, web. See the head of tests/Bench/Program.cs.");
        return 2;
}
