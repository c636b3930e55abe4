using System.Diagnostics;
using Microsoft.Playwright;
using Npgsql;

namespace SaaS.Bench;

/// <summary>
/// What a person waits for in the webmail, in a folder of 100,000 messages (three to a conversation) beside an empty one: the first paint, the
/// list, going to another folder, a jump into the middle, new mail, an opened message. Fills the folder first; needs u3.
/// </summary>
internal static class WebBench
{
    private const int Rounds = 7;

    public static async Task RunAsync(Options options)
    {
        var user = options.Text("user") ?? "u3@example.test";
        var count = options.Number("messages", 100_000);
        using var imap = await Line.ConnectAsync(options.Run("imaps"), tls: true);
        await imap.ReadAsync();
        await imap.CommandAsync($"LOGIN {user} secret");
        await FillAsync(options.Run("database"), imap, user, count);

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = options.Text("chromium") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        await page.GotoAsync(options.Run("http"));
        await page.FillAsync("input[type=email], input[name=Email], input[type=text]", user);
        await page.FillAsync("input[type=password]", "secret");
        await page.ClickAsync("button[type=submit]");
        await page.WaitForSelectorAsync(".folder");

        var empty = await FolderAsync(page, "Empty", ".list .state-title");
        var full = await FolderAsync(page, "WebBench", ".row-open");
        Print("first paint", empty.Paint, full.Paint);
        Print("list on the screen, page loaded anew", empty.Load, full.Load);
        Print("list on the screen, from another folder", empty.Switch, full.Switch);
        Console.WriteLine($"web: opening a message of {count}: {Median(await OpenAsync(page)):0} ms");
        Console.WriteLine($"web: jump to the middle of {count}: {Median(await JumpAsync(page)):0} ms");
        Console.WriteLine($"web: APPEND to a line in the list of {count}: {Median(await ArriveAsync(page, imap)):0} ms");
        Console.WriteLine("Bound by: rendering on the server and the browser's own work; the browser shares this machine's cores. Medians.");
    }

    /// <summary>One message by APPEND, and as many like it as are missing by SQL.</summary>
    private static async Task FillAsync(string database, Line imap, string user, int count)
    {
        foreach (var name in (string[])["Empty", "WebBench"])
        {
            try
            {
                await imap.CommandAsync("CREATE " + name);
            }
            catch (IOException)
            {
                // It is there from the last run.
            }
        }

        const string text = "From: Sender <a@b.test>\r\nTo: u3@example.test\r\nSubject: One of many\r\n\r\nHello.\r\n";
        await imap.CommandAsync($"APPEND WebBench {{{text.Length}+}}\r\n{text}");
        await using var source = NpgsqlDataSource.Create(database);
        await using var fill = source.CreateCommand("""
            WITH a AS (SELECT id FROM account WHERE address = $1),
            b AS (SELECT m.id, m.uid_next, m.total, greatest($2 - m.total, 0) AS missing FROM mailbox m, a WHERE m.account_id = a.id AND m.name = 'WebBench'),
            s AS (UPDATE account_state SET mod_seq = mod_seq + $2 FROM a WHERE account_id = a.id RETURNING account_id, mod_seq - $2 AS base),
            one AS (SELECT x.* FROM message x, a, b WHERE x.account_id = a.id AND x.mailbox_id = b.id ORDER BY uid DESC LIMIT 1),
            n AS (SELECT i FROM b, generate_series(1, b.missing) AS i),
            c AS (
              INSERT INTO message_content (account_id, id, header, body, blob_hash, blob_body_offset, size, header_size, envelope, structure, preview,
                has_attachment, sent_at)
              SELECT k.account_id, s.base + n.i, k.header, k.body, k.blob_hash, k.blob_body_offset, k.size, k.header_size, k.envelope, k.structure,
                k.preview, k.has_attachment, k.sent_at
              FROM message_content k, one, s, n WHERE k.account_id = one.account_id AND k.id = one.content_id),
            m AS (
              INSERT INTO message (account_id, id, mailbox_id, uid, mod_seq, content_id, thread_id, flags, keywords, internal_date, saved_at, size)
              SELECT one.account_id, s.base + n.i, b.id, b.uid_next + n.i - 1, s.base + n.i, s.base + n.i, s.base + n.i - n.i % 3, n.i % 2, null,
                now() - ($2 - n.i) * interval '1 minute', now(), one.size
              FROM one, b, s, n)
            UPDATE mailbox x SET uid_next = b.uid_next + b.missing, total = b.total + b.missing, unseen = x.unseen + b.missing / 2,
              highest_mod_seq = s.base + $2
            FROM a, b, s WHERE x.account_id = a.id AND x.id = b.id
            """);
        fill.CommandTimeout = 600;
        fill.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        await fill.ExecuteNonQueryAsync();
        await using var analyze = source.CreateCommand("VACUUM ANALYZE message, message_content");
        analyze.CommandTimeout = 600;
        await analyze.ExecuteNonQueryAsync();
    }

    private static void Print(string what, List<double> empty, List<double> full) => Console.WriteLine(
        $"web: {what}: {Median(full):0} ms, empty folder {Median(empty):0} ms, ratio {Median(full) / Math.Max(1, Median(empty)):0.00}");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<(List<double> Paint, List<double> Load, List<double> Switch)> FolderAsync(IPage page, string name, string there)
    {
        var link = page.Locator(".folder", new() { HasText = name });
        var address = await link.First.GetAttributeAsync("href");
        var (paint, load, change) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            await page.GotoAsync(new Uri(new Uri(page.Url), address).AbsoluteUri, new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
            await page.WaitForSelectorAsync(there);
            load.Add(clock.Elapsed.TotalMilliseconds);
            paint.Add(await page.EvaluateAsync<double>("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"));
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

            await page.ClickAsync(".folder[href='/mail/archive']");
            await page.WaitForFunctionAsync("() => document.querySelector('.list h1').textContent === 'Archive' && document.querySelector('.list .state-title')");
            clock.Restart();
            await link.First.ClickAsync();
            await page.WaitForFunctionAsync($"() => document.querySelector('.list h1').textContent === '{name}' && document.querySelector('{there}')");
            change.Add(clock.Elapsed.TotalMilliseconds);
        }

        return (paint, load, change);
    }

    private static async Task<List<double>> OpenAsync(IPage page)
    {
        var took = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            var before = await page.EvaluateAsync<string>("() => location.pathname");
            var clock = Stopwatch.StartNew();
            await page.Locator(".row-open").Nth(i % 5).ClickAsync();
            await page.WaitForFunctionAsync("p => location.pathname !== p && document.querySelector('.card-open .text-body, .card-open .mail-frame')", before);
            took.Add(clock.Elapsed.TotalMilliseconds);
        }

        return took;
    }

    private static async Task<List<double>> JumpAsync(IPage page)
    {
        var took = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            await page.EvaluateAsync("part => { const l = document.querySelector('.list-scroll'); l.scrollTop = l.scrollHeight * part; }", 0.3 + (0.08 * i));
            await page.WaitForFunctionAsync(
                "part => { const l = document.querySelector('.list-scroll'); const box = l.getBoundingClientRect();"
                + " const at = document.elementFromPoint(box.left + 100, box.top + 200)?.closest('.row'); return at && at.getAttribute('aria-rowindex') > 100; }", 0.3);
            took.Add(clock.Elapsed.TotalMilliseconds);
        }

        await page.EvaluateAsync("() => { document.querySelector('.list-scroll').scrollTop = 0; }");
        return took;
    }

    private static async Task<List<double>> ArriveAsync(IPage page, Line imap)
    {
        var took = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            var subject = $"Arrived {Guid.NewGuid():N}";
            var clock = Stopwatch.StartNew();
            var text = $"From: a@b.test\r\nTo: u3@example.test\r\nSubject: {subject}\r\n\r\nHello.\r\n";
            await imap.CommandAsync($"APPEND WebBench {{{text.Length}+}}\r\n{text}");
            await page.WaitForSelectorAsync($".row:has-text('{subject}')");
            took.Add(clock.Elapsed.TotalMilliseconds);
        }

        return took;
    }
}
