using MimeKit;
using MimeKit.Utils;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;

namespace SaaS.Migrations.Seed;

/// <summary>A message of the demonstration and where it lies.</summary>
internal sealed record DemoMessage(MimeMessage Mime, SpecialUse Mailbox, MessageFlags Flags);

/// <summary>What alice finds when she first looks: conversations, attachments, newsletters, reports, some junk.</summary>
internal sealed class DemoMail(DateTimeOffset now)
{
    private const string Alice = "Alice Archer <alice@example.test>";
    private const string Bob = "Bob Baker <bob@example.test>";
    private const string Carol = "Carol Chen <carol@example.test>";
    private const string Team = "The team <team@example.test>";

    private readonly List<DemoMessage> _messages = [];

    public static IReadOnlyList<DemoMessage> Compose(DateTimeOffset now)
    {
        var mail = new DemoMail(now);
        mail.Reports();
        mail.Launch();
        mail.Offer();
        mail.Photos();
        mail.Newsletters();
        mail.Letters();
        mail.Junk();
        mail.Draft();
        return [.. mail._messages.OrderBy(m => m.Mime.Date)];
    }

    private void Launch()
    {
        var first = Add(240, Bob, Team, "Launch plan for the new site", """
            Hi all,

            here is where we stand:

             * copy is final, Carol has checked it twice
             * the shop is ready apart from the tax table
             * DNS will be switched on Thursday at 07:00

            Anything that you miss? I would like to freeze on Tuesday evening.

            Bob
            """, read: true);
        var second = Reply(first, 235, Carol, Team, "The tax table comes tomorrow, I have the figures from accounting already.\n\nCarol", read: true);
        var third = Reply(second, 233, Alice, Team, "Great. I will take the early shift on Thursday and watch the mail queues while DNS moves.\n\nAlice", sent: true);
        var fourth = Reply(third, 210, Bob, Team, "Perfect, then we are three. I bring breakfast. ☕🥐\n\nBob", read: true);
        var fifth = Reply(fourth, 120, Carol, Team, "Tax table is in, and tested with the 40 orders of last week: all the same to the cent.", read: true, flagged: true);
        Reply(fifth, 3, Bob, Team, "We are live! Orders come in, no errors so far. Thank you both!\n\nBob");
    }

    private void Offer()
    {
        var ask = Add(75, Alice, "Dora Dietrich <dora@beispiel.test>", "Offer for the annual report", """
            Dear Dora,

            could you send us an offer for the layout of our annual report? It has about 48 pages, and we would need it by the end of March.

            Kind regards
            Alice
            """, sent: true);
        var offer = Reply(ask, 50, "Dora Dietrich <dora@beispiel.test>", Alice, """
            Dear Alice,

            with pleasure! Please find our offer attached. The price holds for 30 days; the figures of last year are in the spreadsheet.

            Viele Grüße
            Dora
            """, flagged: true, read: true);
        Attach(offer, "offer-annual-report.pdf", "application/pdf", DemoFiles.Pdf("Offer 2214", "Layout of an annual report, 48 pages", "", "Total: EUR 3,850.00"));
        Attach(offer, "figures.csv", "text/csv", System.Text.Encoding.UTF8.GetBytes("year;pages;copies\r\n2023;44;1200\r\n2024;48;1350\r\n2025;48;1500\r\n"));
        Reply(offer, 28, Alice, "Dora Dietrich <dora@beispiel.test>", "Thank you, that looks good. We decide on Friday.\n\nAlice", sent: true);
    }

    private void Photos()
    {
        var photos = Add(30, Carol, Alice, "Photos from the hike 🏔️", "The weather could not have been better. Which one shall we print for the office?\n\nCarol", flagged: true);
        Attach(photos, "morning.png", "image/png", DemoFiles.Png(640, 400, (255, 190, 140), (60, 80, 70)));
        Attach(photos, "noon.png", "image/png", DemoFiles.Png(640, 400, (120, 190, 250), (70, 130, 60)));
        Attach(photos, "evening.png", "image/png", DemoFiles.Png(640, 400, (240, 110, 90), (50, 40, 70)));
    }

    private void Newsletters()
    {
        var weekly = Add(20, "Letterpress Weekly <weekly@letterpress.test>", Alice, "This week: type that breathes", "Type that breathes: see the HTML version.", listId: "weekly.letterpress.test");
        Html(weekly, """
            <html><body style="margin:0;background:#f3efe8;font-family:Georgia,serif;color:#2b2622">
            <table width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:32px 12px">
            <table width="600" cellpadding="0" cellspacing="0" style="background:#fffdf9;border-radius:6px">
            <tr><td style="padding:36px 40px 8px"><div style="font-size:13px;letter-spacing:3px;color:#a0522d">LETTERPRESS WEEKLY</div>
            <h1 style="font-size:32px;line-height:1.2;margin:12px 0">Type that breathes</h1>
            <p style="font-size:17px;line-height:1.6">Why the space between the lines says more than the letters themselves, three presses that still run every day,
            and a reader's question about ink in winter.</p></td></tr>
            <tr><td style="padding:8px 40px 32px"><a href="https://letterpress.test/issues/212" style="background:#a0522d;color:#fff;padding:12px 22px;text-decoration:none;border-radius:4px">Read the issue</a></td></tr>
            <tr><td style="padding:20px 40px;border-top:1px solid #e8e0d4;font-size:13px;color:#8a8076">You get this because you asked for it. <a href="https://letterpress.test/unsubscribe" style="color:#8a8076">Unsubscribe</a></td></tr>
            </table></td></tr></table></body></html>
            """);
        var shop = Add(11, "Kettle & Cup <news@kettle.test>", Alice, "New teas have arrived 🍵", "New teas have arrived. Look at them in our shop.", listId: "news.kettle.test");
        Html(shop, """
            <html><body style="font-family:Helvetica,Arial,sans-serif"><div style="max-width:560px;margin:0 auto">
            <img src="https://images.kettle.test/banner.jpg" width="560" height="180" alt="Tea leaves on a table">
            <h2 style="color:#2f6b4f">Spring harvest</h2>
            <p>Three first flushes from small gardens, each only a few kilos.</p>
            <table width="100%"><tr>
            <td align="center"><img src="https://images.kettle.test/one.jpg" width="160" height="160" alt="Green"><br>Green, 12.00</td>
            <td align="center"><img src="https://images.kettle.test/two.jpg" width="160" height="160" alt="White"><br>White, 18.00</td>
            <td align="center"><img src="https://images.kettle.test/three.jpg" width="160" height="160" alt="Oolong"><br>Oolong, 15.50</td>
            </tr></table><img src="https://track.kettle.test/open.gif?id=8812" width="1" height="1" alt=""></div></body></html>
            """);
        Add(170, "Letterpress Weekly <weekly@letterpress.test>", Alice, "This week: a press in a barn", "A press in a barn, and how it came there.", read: true, listId: "weekly.letterpress.test");
    }

    private void Letters()
    {
        Add(2, "Emil Ernst <emil@beispiel.test>", Alice, "Frage zur Rechnung für März", """
            Liebe Alice,

            auf der letzten Rechnung fehlt die Bestellnummer. Könntet ihr sie bitte ergänzen? Dann überweise ich gleich.

            Schöne Grüße aus Köln
            Emil
            """);
        Add(9, "佐藤 花子 <hanako@nihon.test>", Alice, "来週の打ち合わせについて", "アリス様\n\n来週の打ち合わせは火曜日の10時でよろしいでしょうか。\n\n佐藤", read: true);
        Add(14, "Bob Baker <bob@example.test>", Alice, "Lunch?", "Noon, the usual place?", read: true, answered: true);
        Add(26, "Travel Desk <desk@travel.test>", Alice, "Your trip to Hamburg: tickets", "Coach 7, seats 61 and 62. Your tickets are attached.\n\nHave a good journey!", read: true, flagged: true,
            attachment: ("tickets.pdf", "application/pdf", DemoFiles.Pdf("Hamburg Hbf", "Coach 7, seats 61 and 62", "Valid on the day of travel")));
        var invitation = Add(44, "Carol Chen <carol@example.test>", Alice, "Invitation: review of the quarter", "Shall we take an hour on Monday?", read: true);
        Attach(invitation, "invite.ics", "text/calendar", System.Text.Encoding.UTF8.GetBytes("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Demo//EN\r\nBEGIN:VEVENT\r\nUID:review-1@example.test\r\n"
            + $"DTSTAMP:{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}\r\nDTSTART:{now.AddDays(3).UtcDateTime:yyyyMMdd'T'090000'Z'}\r\nDTEND:{now.AddDays(3).UtcDateTime:yyyyMMdd'T'100000'Z'}\r\nSUMMARY:Review of the quarter\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"));
        Add(98, "Parcel Service <noreply@parcel.test>", Alice, "Your parcel arrives tomorrow", "Between 10:00 and 12:00. You need not be at home: the driver will leave it with your neighbour.", read: true);
        Add(150, "Ada Admin <admin@example.test>", "All <team@example.test>", "Maintenance on Saturday night", "The file server is away from 22:00 to 23:30. Mail is not affected.\n\nAda", read: true);
        Add(700, "City Library <desk@library.test>", Alice, "Your reading card", "Your card is valid for another year.", read: true, mailbox: SpecialUse.Archive);
        Add(820, "Landlord <office@houses.test>", Alice, "Statement of operating costs", "The statement for last year is attached.", read: true, mailbox: SpecialUse.Archive,
            attachment: ("statement.pdf", "application/pdf", DemoFiles.Pdf("Operating costs", "Balance in your favour: 84.20")));
    }

    private void Reports()
    {
        for (var day = 20; day >= 1; day--)
        {
            var failed = day == 6;
            var report = Add(day * 24 + 5, "Backup <backup@example.test>", Alice, failed ? "Backup FAILED on db2" : "Backup finished", failed
                ? "db2: no space left on device\n1 of 6 hosts failed."
                : $"6 of 6 hosts saved, {412 + day * 3} GB in {38 + day} minutes.", read: day > 1, flagged: failed);
            report.Headers.Add("Auto-Submitted", "auto-generated");
        }
    }

    private void Junk()
    {
        Add(31, "Prize Office <winner@lottery.test>", Alice, "YOU HAVE WON!!!", "Dear winner, send us your account number today.", mailbox: SpecialUse.Junk);
        Add(55, "Cheap Watches <sale@watches.test>", Alice, "90% off, today only", "Watches at prices you will not believe.", mailbox: SpecialUse.Junk);
    }

    private void Draft()
    {
        var draft = Add(1, Alice, "Emil Ernst <emil@beispiel.test>", "Re: Frage zur Rechnung für März", "Lieber Emil,\n\ndanke für den Hinweis, die neue Rechnung", read: true, mailbox: SpecialUse.Drafts);
        _messages[^1] = _messages[^1] with { Flags = MessageFlags.Seen | MessageFlags.Draft };
        draft.Headers.Remove("Received");
    }

    private MimeMessage Reply(
        MimeMessage to, double hoursAgo, string from, string recipient, string text, bool read = false, bool flagged = false, bool sent = false)
    {
        var quoted = string.Concat(((TextPart)Text(to)).Text.TrimEnd().Split('\n').Select(l => $"\n> {l.TrimEnd()}"));
        var subject = to.Subject!.StartsWith("Re: ", StringComparison.Ordinal) ? to.Subject : $"Re: {to.Subject}";
        var message = Add(hoursAgo, from, recipient, subject, $"{text}\n\n{to.From.Mailboxes.First().Name} wrote:{quoted}\n", read, flagged, sent: sent);
        message.InReplyTo = to.MessageId;
        message.References.AddRange(to.References);
        message.References.Add(to.MessageId!);
        return message;
    }

    private MimeMessage Add(
        double hoursAgo, string from, string to, string subject, string text, bool read = false, bool flagged = false, bool answered = false, bool sent = false,
        SpecialUse mailbox = SpecialUse.Inbox, string? listId = null, (string Name, string Type, byte[] Data)? attachment = null)
    {
        var sender = MailboxAddress.Parse(from);
        var message = new MimeMessage
        {
            Subject = subject,
            Date = now.AddHours(-hoursAgo).AddMinutes(-(_messages.Count * 7 % 50)),
            MessageId = MimeUtils.GenerateMessageId(sender.Domain),
            Body = new TextPart("plain") { Text = text },
        };
        message.From.Add(sender);
        message.To.Add(MailboxAddress.Parse(to));
        if (listId is not null)
        {
            message.Headers.Add("List-Id", $"<{listId}>");
            message.Headers.Add("List-Unsubscribe", $"<mailto:leave@{sender.Domain}>");
        }

        if (attachment is { } file)
        {
            Attach(message, file.Name, file.Type, file.Data);
        }

        var flags = (read || sent ? MessageFlags.Seen : 0) | (flagged ? MessageFlags.Flagged : 0) | (answered ? MessageFlags.Answered : 0);
        _messages.Add(new DemoMessage(message, sent ? SpecialUse.Sent : mailbox, flags));
        return message;
    }

    private static MimeEntity Text(MimeMessage message) => message.Body is Multipart parts ? parts[0] : message.Body!;

    private static void Html(MimeMessage message, string html) =>
        message.Body = new MultipartAlternative { message.Body!, new TextPart("html") { Text = html } };

    private static void Attach(MimeMessage message, string name, string type, byte[] data)
    {
        var part = new MimePart(ContentType.Parse(type))
        {
            Content = new MimeContent(new MemoryStream(data)),
            ContentDisposition = new ContentDisposition(ContentDisposition.Attachment),
            ContentTransferEncoding = ContentEncoding.Base64,
            FileName = name,
        };
        if (message.Body is Multipart { ContentType.MediaSubtype: "mixed" } mixed)
        {
            mixed.Add(part);
        }
        else
        {
            message.Body = new Multipart("mixed") { message.Body!, part };
        }
    }
}
