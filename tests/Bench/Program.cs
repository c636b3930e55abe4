using SaaS.Bench;

// dotnet run -c Release --project tests/Bench -- PART [--run DATA/run.json] [options]
//   smtp   messages a second into mailboxes, 4 KB and 50 KB over 20 connections     [--peer HOST:PORT --peer-to ADDRESS] [--seconds N]
//   imap   SELECT, FETCH 1:* (FLAGS UID), 50 envelopes                               [--user U] [--peer HOST:PORT --peer-user U --peer-password P]
//   idle   memory per idle IMAP connection, plain and TLS; delivery to IDLE          [--connections N]
// It measures what runs (./run --detach --accounts 5000 --allow-plaintext-auth) and, in the same minutes, the peer that is named. It
// prints figures and ratios, and never fails because something is slow.
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
    default:
        Console.WriteLine("Parts: smtp, imap, idle. See the head of tests/Bench/Program.cs.");
        return 2;
}
