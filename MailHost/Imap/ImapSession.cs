using System.Text;
using SaaS.Domain.Accounts;
using SaaS.Domain.Common;
using SaaS.MailHost.AccessProxy;
using SaaS.MailHost.Imap.Commands;
using SaaS.MailHost.Imap.Wire;
using SaaS.MailHost.Net;
using SaaS.MailHost.Sasl;

namespace SaaS.MailHost.Imap;

/// <summary>
/// One connection: reads a command, runs it, answers it, and only then reads the next. Only this class writes tagged lines, counts and logs.
/// While it waits it holds no buffer, no timer and no database connection.
/// </summary>
internal sealed partial class ImapSession : IDisposable
{
    private readonly ClientConnection _connection;
    private IDisposable? _subscription;
    private long _hint;
    private volatile bool _idling;
    private LegacySession? _elsewhere;
    private int _badCommands;
    private int _failedLogins;
    private long _progressAt;

    public ImapSession(ImapServer server, ClientConnection connection)
    {
        Server = server;
        _connection = connection;
        Input = new ImapCommandReader(connection.Input)
        {
            MaxLine = server.Options.MaxAnonymousCommand,
            MaxCommand = server.Options.MaxAnonymousCommand,
        };
        Out = new ImapWriter(connection.Output);
    }

    public ImapServer Server { get; }

    public ImapCommandReader Input { get; }

    public ImapWriter Out { get; }

    public ClientConnection Connection => _connection;

    public SignedIn? User { get; private set; }

    public AccountId Account => User!.Account!.Value;

    public TenantId Tenant => User!.Tenant!.Value;

    public SelectedMailbox? Selected { get; private set; }

    public ImapStates State => User is null ? ImapStates.NotAuthenticated : Selected is null ? ImapStates.Authenticated : ImapStates.Selected;

    /// <summary>The tag of the command that runs.</summary>
    public string Tag { get; private set; } = "*";

    /// <summary>The command that runs came as "UID X".</summary>
    public bool UseUid { get; private set; }

    /// <summary>RFC 7162 §3.1: the client knows of modseqs, by ENABLE or by use.</summary>
    public bool CondStore { get; set; }

    public bool QResync { get; set; }

    /// <summary>ENABLE IMAP4rev2: UTF-8 mailbox names, no RECENT, ESEARCH always.</summary>
    public bool Rev2 { get; private set; }

    /// <summary>ENABLE UTF8=ACCEPT (RFC 6855).</summary>
    public bool Utf8Accepted { get; private set; }

    /// <summary>ENABLE UIDONLY: no message number is sent or understood any more (RFC 9586).</summary>
    public bool UidOnly { get; set; }

    /// <summary>Where the account is to be had by JMAP with this sign-in; null where it is not.</summary>
    public string? JmapUrl { get; private set; }

    /// <summary>The newest modseq of the account that the change feed told of.</summary>
    public long Hint => Volatile.Read(ref _hint);

    /// <summary>The selected mailbox, for commands that only run there.</summary>
    public SelectedMailbox Mailbox => Selected ?? throw new InvalidOperationException("No mailbox is selected.");

    public void EnableRev2()
    {
        Rev2 = true;
        Out.Utf8 = true;
    }

    public void AcceptUtf8() => Utf8Accepted = Out.Utf8 = true;

    public void Open(SelectedMailbox mailbox) => Selected = mailbox;

    public void Unselect() => Selected = null;

    /// <summary>A mailbox name as the client writes it: modified UTF-7, or UTF-8 once that is enabled.</summary>
    public string MailboxName(string written) =>
        Out.Utf8 ? written : ModifiedUtf7.Decode(written) ?? throw new ImapSyntaxException("The mailbox name is not valid modified UTF-7.", "CANNOT") { IsRefusal = true };

    /// <summary>What a sign-in came to. Failures answer late, later each time, and end the connection in the end.</summary>
    public async ValueTask<ImapResult> AdmitAsync(SaslResult result, CancellationToken ct)
    {
        switch (result.Status)
        {
            case SaslStatus.SignedIn:
                JmapUrl = result.ByToken ? Server.Options.JmapUrl : null;
                return SignIn(result.User!);
            case SaslStatus.Elsewhere:
                var opened = await Server.Proxy.OpenAsync(MailProtocols.Imap, result.User!, _connection, null, ct);
                if (opened.Ok)
                {
                    _elsewhere = opened.Value;
                    Server.Metrics.Login(true);
                    return ImapResult.OkWith("CAPABILITY " + opened.Value.Capabilities, "Signed in.") with { After = ImapAfter.PassOn };
                }

                if (opened.Refusal.Reason != RefusalReason.Forbidden)
                {
                    // Nobody guessed wrong: no delay and no count.
                    Server.Metrics.Login(false);
                    return opened.Refusal.Reason == RefusalReason.NotFound
                        ? ImapResult.No(opened.Refusal.Text, "AUTHORIZATIONFAILED")
                        : ImapResult.No(opened.Refusal.Text, opened.Refusal.Reason == RefusalReason.Conflict ? "INUSE" : "UNAVAILABLE");
                }

                result = result with { Refusal = opened.Refusal };
                break;
            case SaslStatus.NoMechanism:
                return ImapResult.No("No such mechanism.", "CANNOT");
            case SaslStatus.NeedsTls:
                return ImapResult.No("Use STARTTLS first.", "PRIVACYREQUIRED");
            case SaslStatus.NotBase64:
                return ImapResult.Bad("Not base64.");
            case SaslStatus.Cancelled:
                return ImapResult.Bad("Cancelled.");
            case SaslStatus.Ended:
                return ImapResult.Bad("Cancelled.") with { After = ImapAfter.Close };
        }

        _failedLogins++;
        Server.Metrics.Login(false);
        var reason = result.Refusal?.Reason ?? RefusalReason.Forbidden;
        Server.Log.LoginRefused(_connection.Id, _connection.RemoteAddress, result.Why ?? reason.ToString());
        await Task.Delay(Server.Options.FailedLoginDelay * _failedLogins, Server.Clock, ct);
        var answer = reason switch
        {
            RefusalReason.RateLimited => ImapResult.No("Too many failed attempts; try again later.", "UNAVAILABLE"),
            RefusalReason.Suspended => ImapResult.No("This account is suspended.", "CONTACTADMIN"),
            RefusalReason.NotFound => ImapResult.No("This login has no mailbox.", "AUTHORIZATIONFAILED"),
            _ => ImapResult.No("Authentication failed.", "AUTHENTICATIONFAILED"),
        };
        return _failedLogins >= Server.Options.MaxFailedLogins ? answer with { After = ImapAfter.Close } : answer;
    }

    private ImapResult SignIn(SignedIn user)
    {
        if (!Server.TryEnter(user.Account!.Value, _connection))
        {
            return ImapResult.No("Too many connections of this account.", "LIMIT");
        }

        User = user;
        Input.MaxLine = Server.Options.MaxLine;
        Input.MaxCommand = Server.Options.MaxCommand;
        _subscription = Server.Feed.Subscribe(user.Account.Value, OnChange);
        Server.Metrics.Login(true);
        Server.Log.SignedIn(_connection.Id, user.Login, _connection.RemoteAddress);
        return ImapResult.OkWith("CAPABILITY " + Server.Commands.Capabilities(this), "Signed in.");
    }

    /// <summary>As if nobody had signed in on this connection yet (RFC 8437 §2).</summary>
    public void SignOut()
    {
        _subscription?.Dispose();
        _subscription = null;
        Server.Leave(Account);
        User = null;
        Selected = null;
        JmapUrl = null;
        CondStore = QResync = Rev2 = Utf8Accepted = UidOnly = Out.Utf8 = false;
        _notify = null;
        _notifyKnown = [];
        Volatile.Write(ref _hint, 0);
        Input.MaxLine = Input.MaxCommand = Server.Options.MaxAnonymousCommand;
        _connection.SetDeadline(Server.Options.LoginTimeout);
    }

    /// <summary>"* OK [INPROGRESS ("a1" 2000 100000)]", now and then (RFC 9585 §4). A client that has gone ends the command here.</summary>
    public async ValueTask TellProgressAsync(long done, long goal, CancellationToken ct)
    {
        if (Server.Clock.GetElapsedTime(_progressAt) < Server.Options.ProgressInterval || done >= goal)
        {
            return;
        }

        _progressAt = Server.Clock.GetTimestamp();
        Out.Raw("* OK [INPROGRESS (\""u8).Raw(Tag).Raw("\" "u8).Number(done).Space().Number(goal).Raw(")] Still at it.\r\n"u8);
        await FlushAsync(ct);
    }

    public async Task RunAsync(CancellationToken ct)
    {
        _connection.SetDeadline(Server.Options.LoginTimeout);
        Out.Raw("* OK [CAPABILITY "u8).Raw(Server.Commands.Capabilities(this)).Raw("] "u8).Raw(Server.HostName).Raw(" ready.\r\n"u8);
        await Out.FlushAsync(ct);
        try
        {
            while (await StepAsync(ct))
            {
            }
        }
        catch (ImapByeException bye)
        {
            await SayByeAsync(bye.Message, ct);
        }

        await Out.FlushAsync(ct);
    }

    /// <summary>Sends what is written, giving the client time to take it.</summary>
    public ValueTask FlushAsync(CancellationToken ct)
    {
        if (User is not null)
        {
            _connection.SetDeadline(Server.Options.IdleTimeout);
        }

        return Out.FlushAsync(ct);
    }

    public ValueTask FlushIfLargeAsync(CancellationToken ct) => Out.WantsFlush ? FlushAsync(ct) : ValueTask.CompletedTask;

    /// <summary>Reads one line within a command (DONE, a SASL answer). Null when it cannot go on as the connection ends.</summary>
    public async ValueTask<string?> ReadLineAsync(Func<ValueTask>? onNews, CancellationToken ct)
    {
        Input.Release();
        _idling = onNews is not null;
        try
        {
            while (true)
            {
                if (onNews is not null)
                {
                    _connection.SetDeadline(Server.Options.IdleTimeout);
                    await onNews();
                }

                switch (await Input.ReadAsync(ct))
                {
                    case ReadStatus.Command:
                        var line = Encoding.UTF8.GetString(Input.Text);
                        Input.Release();
                        return line;
                    case ReadStatus.Woken:
                        EndIfAsked();
                        continue;
                    case ReadStatus.Closed:
                        return null;
                    default:
                        throw new ImapByeException("Unexpected input.");
                }
            }
        }
        finally
        {
            _idling = false;
        }
    }

    public void Dispose()
    {
        _subscription?.Dispose();
        Input.Release();
        if (User is not null)
        {
            Server.Leave(Account);
        }
    }

    private void OnChange(ModSeq modSeq)
    {
        long seen;
        do
        {
            seen = Volatile.Read(ref _hint);
            if (modSeq.Value <= seen)
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _hint, modSeq.Value, seen) != seen);
        if (_idling)
        {
            Input.Wake();
        }
    }

    private void EndIfAsked()
    {
        if (_connection.TimedOut)
        {
            throw new ImapByeException(User is null ? "Login timed out." : "Idle for too long.");
        }

        if (_connection.Draining)
        {
            throw new ImapByeException("Server is shutting down.");
        }
    }

    /// <summary>One command. False when the connection is to be closed.</summary>
    private async ValueTask<bool> StepAsync(CancellationToken ct)
    {
        if (User is not null)
        {
            _connection.SetDeadline(Server.Options.IdleTimeout);
        }

        EndIfAsked();
        switch (await NextInputAsync(ct))
        {
            case ReadStatus.Command:
                return await CommandAsync(ct);
            case ReadStatus.Literal:
                return await LiteralAsync(ct);
            case ReadStatus.Woken:
                return true;
            case ReadStatus.Closed:
                return false;
            case ReadStatus.TooLong:
                throw new ImapByeException("Command line too long.");
            case ReadStatus.BareLineFeed:
                Input.Release();
                return await BadAsync("*", "Lines end in CRLF.", ct);
            default:
                throw new InvalidOperationException();
        }
    }

    /// <summary>Waits for the client; with NOTIFY for news too, as long as it is not within a command.</summary>
    private async ValueTask<ReadStatus> NextInputAsync(CancellationToken ct)
    {
        if (!HasNotify || Input.InCommand)
        {
            return await Input.ReadAsync(ct);
        }

        _idling = true;
        try
        {
            await TellNotifiedAsync(ct);
            return await Input.ReadAsync(ct);
        }
        finally
        {
            _idling = false;
        }
    }

    private async ValueTask<bool> LiteralAsync(CancellationToken ct)
    {
        if (User is not null && AppendCommand.AtMessage(this, Input.Text))
        {
            return await CommandAsync(ct);
        }

        if (Input.FitsCommand(Input.LiteralSize))
        {
            if (Input.LiteralIsSynchronizing)
            {
                Out.Raw("+ OK\r\n"u8);
                await Out.FlushAsync(ct);
            }

            Input.CollectLiteral();
            return true;
        }

        if (!Input.LiteralIsSynchronizing)
        {
            // It is on its way already; to read and drop it is what an attacker wants.
            throw new ImapByeException("Literal too large.");
        }

        var tag = ReadTag();
        Input.Release();
        return await BadAsync(tag, "Literal too large.", ct, "TOOBIG");
    }

    private async ValueTask<bool> CommandAsync(CancellationToken ct)
    {
        ImapCommand command;
        object? arguments;
        Tag = "*";
        UseUid = false;
        try
        {
            (command, arguments) = ParseCommand();
        }
        catch (ImapSyntaxException e)
        {
            Input.Release();
            if (e.IsRefusal)
            {
                return await AnswerAsync("?", ImapResult.No(e.Message, e.Code), ct);
            }

            Server.Log.Bad(_connection.Id, Tag, e.Message);
            return await BadAsync(Tag, e.Message, ct, e.Code);
        }

        if (!command.Info.TakesMessage)
        {
            Input.Release();
        }

        var name = command.Info.Name;
        ImapResult result;
        _progressAt = Server.Clock.GetTimestamp();
        try
        {
            result = await command.ExecuteAsync(this, arguments, ct);
            await TellNewsAsync(command.Info, result, ct);
        }
        catch (ImapSyntaxException e)
        {
            result = e.IsRefusal ? ImapResult.No(e.Message, e.Code) : ImapResult.Bad(e.Message, e.Code);
        }
        catch (Exception e) when (e is not (OperationCanceledException or IOException or ImapByeException or Microsoft.AspNetCore.Connections.ConnectionAbortedException))
        {
            var errorId = Guid.NewGuid().ToString("N")[..12];
            Server.Log.Fault(e, _connection.Id, name, errorId);
            result = ImapResult.No($"Internal error {errorId}.", "SERVERBUG");
        }

        Input.Release();
        return await AnswerAsync(name, result, ct);
    }

    private (ImapCommand Command, object? Arguments) ParseCommand()
    {
        var r = new ImapReader(Input.Text);
        Tag = r.Tag();
        r.Space();
        var name = r.Keyword();
        if (name == "UID")
        {
            r.Space();
            name = r.Keyword();
            UseUid = true;
        }

        if (Server.Commands.Find(name) is not { } command || (UseUid && !command.Info.AllowsUid))
        {
            throw new ImapSyntaxException("Unknown command.");
        }

        if ((command.Info.States & State) == 0)
        {
            throw new ImapSyntaxException(State switch
            {
                ImapStates.NotAuthenticated => "Sign in first.",
                ImapStates.Authenticated => "Select a mailbox first.",
                _ => "Not allowed now.",
            });
        }

        if (UidOnly && command.Info.NeedsUid && !UseUid)
        {
            throw new ImapSyntaxException("Message numbers are off.", "UIDREQUIRED");
        }

        return (command, command.ParseArguments(ref r, this));
    }

    private string ReadTag()
    {
        try
        {
            var r = new ImapReader(Input.Text);
            return r.Tag();
        }
        catch (ImapSyntaxException)
        {
            return "*";
        }
    }

    private ValueTask<bool> BadAsync(string tag, string text, CancellationToken ct, string? code = null)
    {
        Tag = tag;
        return AnswerAsync("?", ImapResult.Bad(text, code), ct);
    }

    private async ValueTask<bool> AnswerAsync(string name, ImapResult result, CancellationToken ct)
    {
        Server.Metrics.Command(name, result.Status);
        Out.Raw(Tag).Raw(result.Status switch { ImapStatus.Ok => " OK "u8, ImapStatus.No => " NO "u8, _ => " BAD "u8 });
        if (result.Code is { } code)
        {
            Out.Byte((byte)'[').Raw(code).Raw("] "u8);
        }

        Out.Raw(result.Text ?? (result.Status == ImapStatus.Ok ? name + " completed." : "Failed.")).Line();
        if (result.Status == ImapStatus.Bad && ++_badCommands >= Server.Options.MaxBadCommands)
        {
            throw new ImapByeException("Too many bad commands.");
        }

        if (result.Status == ImapStatus.Ok)
        {
            _badCommands = 0;
        }

        await FlushAsync(ct);
        return result.After switch
        {
            ImapAfter.StartTls => await StartTlsAsync(ct),
            ImapAfter.Close => false,
            ImapAfter.PassOn => await PassOnAsync(ct),
            _ => true,
        };
    }

    private async ValueTask<bool> PassOnAsync(CancellationToken ct)
    {
        await using var legacy = _elsewhere!;
        await legacy.SpliceAsync(_connection, ct);
        return false;
    }

    private async ValueTask<bool> StartTlsAsync(CancellationToken ct)
    {
        if (_connection.HasBufferedInput())
        {
            // Injected before TLS, to be run behind it (RFC 9051 §11.1).
            Server.Log.Injection(_connection.Id, _connection.RemoteAddress);
            return false;
        }

        await _connection.UpgradeToTlsAsync(ct);
        _connection.SetDeadline(Server.Options.LoginTimeout);
        Input.Attach(_connection.Input);
        Out.Attach(_connection.Output);
        return true;
    }

    private async ValueTask SayByeAsync(string text, CancellationToken ct)
    {
        Server.Log.Ended(_connection.Id, text);
        Out.Raw("* BYE "u8).Raw(text).Line();
        await Out.FlushAsync(ct);
    }
}
