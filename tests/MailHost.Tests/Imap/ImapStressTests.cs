using System.Globalization;
using Xunit;

namespace SaaS.MailHost.Tests.Imap;

/// <summary>
/// Many sessions do whatever comes to mind in the same mailboxes at once. What each believes from what it was told must be true, at every answer as far as one
/// session can tell, and in the end to the last flag; and a client that comes back with QRESYNC must know what one knows that reads everything.
/// </summary>
/// <remarks>STRESS_SECONDS and STRESS_SEED make it longer, and another.</remarks>
public sealed class ImapStressTests(ITestOutputHelper output)
{
    private static readonly string[] Boxes = ["INBOX", "Archive"];

    [Fact]
    public async Task Every_view_is_the_truth_in_the_end()
    {
        var seconds = double.Parse(Environment.GetEnvironmentVariable("STRESS_SECONDS") ?? "12", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("STRESS_SEED") ?? "1", CultureInfo.InvariantCulture);
        await using var host = await ImapHost.CreateAsync();
        for (var n = 1; n <= 40; n++)
        {
            await host.DeliverNumberAsync(n);
        }

        var sessions = new List<Session>();
        for (var n = 0; n < 8; n++)
        {
            sessions.Add(await Session.OpenAsync(host, new Random(seed + n), Boxes[n % 4 == 3 ? 1 : 0], qresync: n % 2 == 1));
        }

        var until = TimeProvider.System.GetTimestamp() + (long)(seconds * TimeProvider.System.TimestampFrequency);
        await Task.WhenAll(sessions.Select(s => Task.Run(async () =>
        {
            while (TimeProvider.System.GetTimestamp() < until)
            {
                await s.ActAsync();
            }
        })));
        output.WriteLine($"{sessions.Sum(s => s.Commands)} commands, seed {seed}");

        foreach (var session in sessions)
        {
            await session.DoAsync("NOOP");
            await using var fresh = await Session.OpenAsync(host, new Random(0), session.Box, qresync: false);
            var truth = await fresh.ReadAllAsync();
            await session.ExpectAsync(truth);
            foreach (var snapshot in session.Snapshots)
            {
                await using var returned = await Session.ResyncAsync(host, session.Box, snapshot);
                await returned.ExpectAsync(truth);
            }

            await session.DisposeAsync();
        }
    }

    /// <summary>What a client kept when it went.</summary>
    private sealed record Snapshot(long Validity, long ModSeq, Dictionary<uint, string> Messages);

    private sealed class Session(ImapPeer peer, Random random, string box, bool qresync) : IAsyncDisposable
    {
        /// <summary>By message number, from 1; 0 where the UID was not told yet.</summary>
        private readonly List<uint> _numbers = [];
        private readonly Dictionary<uint, string> _flags = [];
        private readonly List<string> _last = [];
        private long _validity;
        private long _modSeq;

        public string Box => box;

        public int Commands { get; private set; }

        public List<Snapshot> Snapshots { get; } = [];

        public static async Task<Session> OpenAsync(ImapHost host, Random random, string box, bool qresync)
        {
            var session = new Session(await ImapPeer.SignInAsync(host), random, box, qresync);
            if (qresync)
            {
                await session.DoAsync("ENABLE QRESYNC");
            }

            await session.DoAsync($"SELECT {box}");
            await session.DoAsync("UID FETCH 1:* (UID FLAGS)");
            return session;
        }

        public static async Task<Session> ResyncAsync(ImapHost host, string box, Snapshot from)
        {
            var session = new Session(await ImapPeer.SignInAsync(host), new Random(0), box, true);
            await session.DoAsync("ENABLE QRESYNC");
            foreach (var (uid, flags) in from.Messages)
            {
                session._flags[uid] = flags;
            }

            var responses = await session.DoAsync($"SELECT {box} (QRESYNC ({from.Validity} {from.ModSeq}))", resync: true);
            Assert.Equal(from.Validity, session._validity);
            foreach (var gone in responses.Where(r => r.StartsWith("* VANISHED", StringComparison.Ordinal)))
            {
                foreach (var uid in Uids(gone[(gone.LastIndexOf(' ') + 1)..]))
                {
                    session._flags.Remove(uid);
                }
            }

            session._numbers.Clear();
            session._numbers.AddRange(session._flags.Keys.Order());
            return session;
        }

        public async Task ActAsync()
        {
            switch (random.Next(20))
            {
                case 0 or 1:
                    var text = $"Subject: stress {random.Next()}\r\n\r\nx\r\n";
                    await DoAsync($"APPEND {Boxes[random.Next(2)]} ({SomeFlags()}) {{{text.Length}+}}\r\n{text}");
                    break;
                case 2 or 3 or 4 or 5:
                    await DoAsync($"STORE {SomeSet()} {"+-"[random.Next(2)]}FLAGS{(random.Next(3) == 0 ? ".SILENT" : "")} ({SomeFlags()})", mayFail: true);
                    break;
                case 6:
                    await DoAsync($"UID STORE {SomeUids()} FLAGS ({SomeFlags()})", mayFail: true);
                    break;
                case 7 when _numbers.Count > 10:
                    await DoAsync($"UID STORE {SomeUids()} +FLAGS (\\Deleted)", mayFail: true);
                    break;
                case 8:
                    await DoAsync("EXPUNGE");
                    break;
                case 9:
                    await DoAsync($"UID EXPUNGE {SomeUids()}");
                    break;
                case 10:
                    await DoAsync($"COPY {SomeSet(3)} {Boxes[random.Next(2)]}", mayFail: true);
                    break;
                case 11 when _numbers.Count > 10:
                    await DoAsync($"MOVE {SomeSet(3)} {Boxes[Box == Boxes[0] ? 1 : 0]}", mayFail: true);
                    break;
                case 12 or 13:
                    await DoAsync($"FETCH {SomeSet()} (UID FLAGS)", mayFail: true);
                    break;
                case 14:
                    await DoAsync("UID FETCH 1:* (UID FLAGS MODSEQ)");
                    break;
                case 15:
                    var found = (await DoAsync("SEARCH ALL")).Single(r => r.StartsWith("* SEARCH", StringComparison.Ordinal));
                    Promise(found.Split(' ').Length - 2 <= _numbers.Count, $"found more than there is: {found}");
                    break;
                case 16:
                    await DoAsync("FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]", mayFail: true);
                    break;
                case 17 when qresync && Snapshots.Count < 5 && random.Next(5) == 0:
                    await SnapshotAsync();
                    break;
                case 18:
                    await DoAsync($"SELECT {Box}");
                    await DoAsync("UID FETCH 1:* (UID FLAGS)");
                    break;
                default:
                    await DoAsync("NOOP");
                    break;
            }
        }

        /// <summary>UIDs with their flags, from the server.</summary>
        public async Task<Dictionary<uint, string>> ReadAllAsync()
        {
            await DoAsync("UID FETCH 1:* (UID FLAGS)");
            return new Dictionary<uint, string>(_flags);
        }

        public async Task ExpectAsync(Dictionary<uint, string> truth)
        {
            // Silent stores and numbers without a UID are told on request only: those are asked for, all else must be known.
            var told = _numbers.Where(n => n > 0).ToHashSet();
            Promise(_numbers.Count == truth.Count, $"{Box}: it counts {_numbers.Count}, there are {truth.Count}");
            Promise(told.IsSubsetOf(truth.Keys), $"{Box}: it believes in {string.Join(',', told.Except(truth.Keys))}");
            Promise(_numbers.Where(n => n > 0).SequenceEqual(_numbers.Where(n => n > 0).Order()), "UIDs do not ascend");
            foreach (var uid in told.Where(_flags.ContainsKey))
            {
                Promise(_flags[uid] == truth[uid], $"{Box}: of {uid} it believes ({_flags[uid]}), true is ({truth[uid]})");
            }

            await DoAsync("UID FETCH 1:* (UID FLAGS)");
            Promise(_numbers.SequenceEqual(truth.Keys.Order()), $"{Box}: its numbers are not the truth");
        }

        private async Task SnapshotAsync()
        {
            // A SELECT names the modseq that all it tells is as new as.
            await DoAsync($"SELECT {Box}");
            var modSeq = _modSeq;
            await DoAsync("UID FETCH 1:* (UID FLAGS)");
            Snapshots.Add(new Snapshot(_validity, modSeq, _numbers.Where(u => u != 0).ToDictionary(u => u, u => _flags[u])));
        }

        public async Task<List<string>> DoAsync(string command, bool mayFail = false, bool resync = false)
        {
            Commands++;
            _last.Add("> " + command);
            if (command.StartsWith("SELECT", StringComparison.Ordinal))
            {
                _numbers.Clear();
                if (!resync)
                {
                    _flags.Clear();
                }
            }

            // A silent store leaves the client to work out what became of the flags.
            var silent = command.Contains(".SILENT", StringComparison.Ordinal);
            var responses = await peer.DoAsync(command);
            var numbersMayMove = !(command.StartsWith("FETCH", StringComparison.Ordinal) || command.StartsWith("STORE", StringComparison.Ordinal) || command.StartsWith("SEARCH", StringComparison.Ordinal));
            foreach (var response in responses)
            {
                _last.Add("< " + (response.Length > 300 ? response[..300] : response));
                Take(response, numbersMayMove, resync);
            }

            if (silent)
            {
                _flags.Clear();
            }

            if (_last.Count > 120)
            {
                _last.RemoveRange(0, _last.Count - 120);
            }

            Promise(responses[^1].StartsWith("tag OK", StringComparison.Ordinal) || (mayFail && !responses[^1].Contains("SERVERBUG", StringComparison.Ordinal)), "refused");
            return responses;
        }

        private void Take(string response, bool numbersMayMove, bool resync)
        {
            var words = response.Split(' ', 4);
            if (response.StartsWith("* OK [UIDVALIDITY ", StringComparison.Ordinal))
            {
                _validity = Code(response);
            }
            else if (response.StartsWith("* OK [HIGHESTMODSEQ ", StringComparison.Ordinal))
            {
                _modSeq = Code(response);
            }
            else if (words[0] != "*" || resync && words[1] == "VANISHED")
            {
                return;
            }
            else if (words.Length > 2 && words[2] == "EXISTS")
            {
                var count = int.Parse(words[1], CultureInfo.InvariantCulture);
                Promise(count >= _numbers.Count, "EXISTS went down without EXPUNGE");
                _numbers.AddRange(Enumerable.Repeat(0u, count - _numbers.Count));
            }
            else if (words.Length > 2 && words[2] == "EXPUNGE")
            {
                Promise(numbersMayMove, "EXPUNGE in answer to FETCH, STORE or SEARCH");
                Promise(!qresync, "EXPUNGE where VANISHED is enabled");
                var number = int.Parse(words[1], CultureInfo.InvariantCulture);
                Promise(number >= 1 && number <= _numbers.Count, $"EXPUNGE of {number}, there are {_numbers.Count}");
                _flags.Remove(_numbers[number - 1]);
                _numbers.RemoveAt(number - 1);
            }
            else if (words[1] == "VANISHED")
            {
                Promise(numbersMayMove, "VANISHED in answer to FETCH, STORE or SEARCH");
                foreach (var uid in Uids(response[(response.LastIndexOf(' ') + 1)..]))
                {
                    _flags.Remove(uid);
                    if (!_numbers.Remove(uid))
                    {
                        // One of those whose UID it never learned.
                        var unknown = Enumerable.Range(0, _numbers.Count).FirstOrDefault(
                            i => _numbers[i] == 0 && _numbers.Take(i).All(n => n < uid) && _numbers.Skip(i).All(n => n == 0 || n > uid), -1);
                        Promise(unknown >= 0, $"{uid} vanished twice");
                        _numbers.RemoveAt(unknown);
                    }
                }
            }
            else if (words.Length > 3 && words[2] == "FETCH")
            {
                Fetched(int.Parse(words[1], CultureInfo.InvariantCulture), (List<object>)ImapTree.Parse(words[3])[0], resync);
            }
        }

        private void Fetched(int number, List<object> items, bool resync)
        {
            Promise(resync || (number >= 1 && number <= _numbers.Count), $"FETCH of {number}, there are {_numbers.Count}");
            uint uid = resync ? 0 : _numbers[number - 1];
            for (var i = 0; i + 1 < items.Count; i += 2)
            {
                if (items[i] is "UID")
                {
                    var told = uint.Parse((string)items[i + 1], CultureInfo.InvariantCulture);
                    Promise(uid == 0 || uid == told, $"message {number} was {uid} and is {told}");
                    uid = told;
                    if (!resync)
                    {
                        _numbers[number - 1] = uid;
                    }
                }
            }

            for (var i = 0; i + 1 < items.Count; i += 2)
            {
                if (items[i] is "FLAGS" && uid > 0)
                {
                    _flags[uid] = string.Join(' ', ((List<object>)items[i + 1]).Cast<string>().Order(StringComparer.OrdinalIgnoreCase));
                }
            }
        }

        private void Promise(bool kept, string otherwise)
        {
            if (!kept)
            {
                Assert.Fail($"{otherwise}\n{string.Join('\n', _last)}");
            }
        }

        private static long Code(string response) =>
            long.Parse(response.AsSpan(response.LastIndexOf(' ', response.IndexOf(']', StringComparison.Ordinal)) + 1).ToString().Split(']')[0], CultureInfo.InvariantCulture);

        private static IEnumerable<uint> Uids(string set) => set.Split(',').SelectMany(range =>
        {
            var ends = range.Split(':').Select(n => uint.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            return Enumerable.Range(0, (int)(ends[^1] - ends[0]) + 1).Select(n => ends[0] + (uint)n);
        });

        /// <summary>Message numbers that exist for this session.</summary>
        private string SomeSet(int most = 10)
        {
            var count = Math.Max(1, _numbers.Count);
            var first = random.Next(count) + 1;
            return random.Next(4) switch
            {
                0 => $"{first}",
                1 => $"{first}:{Math.Min(count, first + random.Next(most))}",
                2 => $"{first},{random.Next(count) + 1}",
                _ => "*",
            };
        }

        private string SomeUids()
        {
            var known = _numbers.Where(n => n > 0).ToList();
            return known.Count == 0 ? "1" : string.Join(',', Enumerable.Range(0, random.Next(4) + 1).Select(_ => known[random.Next(known.Count)]).Distinct());
        }

        private string SomeFlags() => random.Next(6) switch
        {
            0 => "\\Seen",
            1 => "\\Flagged",
            2 => "\\Answered $forwarded",
            3 => "$label1",
            4 => "\\Seen $label2",
            _ => "\\Draft",
        };

        public ValueTask DisposeAsync() => peer.DisposeAsync();
    }
}
