using System.Globalization;
using System.Text;
using SaaS.Domain.Common;
using SaaS.Domain.Sieve;
using SaaS.MailHost.ManageSieve.Wire;

namespace SaaS.MailHost.ManageSieve;

/// <summary>What each command does (RFC 5804 §2).</summary>
internal sealed partial class ManageSieveSession
{
    /// <summary>False: no such command, or not now.</summary>
    private async Task<bool> RunAsync(ManageSieveCommand command, CancellationToken ct)
    {
        switch (command.Name)
        {
            case "CAPABILITY":
                Expect(command);
                Capabilities();
                Say("OK", null, null);
                return true;
            case "NOOP":
                Noop(command);
                return true;
            case "LOGOUT":
                Expect(command);
                Say("OK", null, "Good-bye");
                _ended = true;
                return true;
            case "STARTTLS":
                Expect(command);
                await StartTlsAsync(ct);
                return true;
            case "AUTHENTICATE":
                await AuthenticateAsync(command, ct);
                return true;
        }

        if (_account is { } account)
        {
            return await RunAsync(account, command, ct);
        }

        if (command.Name is "HAVESPACE" or "PUTSCRIPT" or "LISTSCRIPTS" or "SETACTIVE" or "GETSCRIPT" or "DELETESCRIPT" or "RENAMESCRIPT" or "CHECKSCRIPT"
            or "UNAUTHENTICATE")
        {
            Say("NO", null, "Authenticate first");
            return true;
        }

        return false;
    }

    private async Task<bool> RunAsync(AccountId account, ManageSieveCommand command, CancellationToken ct)
    {
        switch (command.Name)
        {
            case "HAVESPACE":
                await HaveSpaceAsync(account, command, ct);
                return true;
            case "PUTSCRIPT":
                var put = Expect(command, true, true);
                var stored = await server.Scripts.PutAsync(account, put[0], put[1], ct);
                Changed(stored.Refusal, command, put[0]);
                return true;
            case "LISTSCRIPTS":
                Expect(command);
                var (scripts, _) = await server.Scripts.ListAsync(account, ct);
                foreach (var script in scripts)
                {
                    connection.Output.String(script.Name).Raw(script.Active ? " ACTIVE" : "").Line();
                }

                Say("OK", null, null);
                return true;
            case "SETACTIVE":
                await SetActiveAsync(account, command, ct);
                return true;
            case "GETSCRIPT":
                await GetScriptAsync(account, command, ct);
                return true;
            case "DELETESCRIPT":
                var name = Expect(command, true)[0];
                Changed(
                    await server.Scripts.FindAsync(account, name, ct) is { } found
                        ? await server.Scripts.DeleteAsync(account, found.Id, ct) : Refusal.NotFound("script"),
                    command, name);
                return true;
            case "RENAMESCRIPT":
                var names = Expect(command, true, true);
                Changed(await server.Scripts.RenameAsync(account, names[0], names[1], ct), command, names[0]);
                return true;
            case "CHECKSCRIPT":
                var text = Expect(command, true)[0];
                Answer(
                    Encoding.UTF8.GetByteCount(text) > server.Scripts.Limits.MaxScriptBytes
                        ? new Refusal(RefusalReason.TooLarge, $"A script has at most {server.Scripts.Limits.MaxScriptBytes} octets.")
                        : SieveScript.Compile(text, server.Scripts.Limits).Problem is { } problem ? Refusal.Invalid("content", problem.ToString()) : null);
                return true;
            case "UNAUTHENTICATE":
                // RFC 5804 §2.14: back to where the connection began; TLS stays.
                Expect(command);
                (_account, _login) = (null, "");
                connection.SetDeadline(server.Options.LoginTimeout);
                Say("OK", null, "You are nobody again");
                return true;
            default:
                return false;
        }
    }

    private void Capabilities()
    {
        Capability("IMPLEMENTATION", "Postyard");
        Capability("SIEVE", string.Join(' ', SieveScript.Extensions));
        Capability("NOTIFY", "mailto");
        Capability("SASL", string.Join(' ', Mechanisms()));
        Capability("MAXREDIRECTS", server.Scripts.Limits.MaxRedirects.ToString(CultureInfo.InvariantCulture));
        if (_account is not null)
        {
            Capability("OWNER", _login);
        }

        if (!connection.IsTls)
        {
            connection.Output.String("STARTTLS").Line();
        }

        connection.Output.String("UNAUTHENTICATE").Line();
        Capability("VERSION", "1.0");
    }

    private void Capability(string name, string value) => connection.Output.String(name).Raw(" ").String(value).Line();

    private void Noop(ManageSieveCommand command)
    {
        var tag = command.Arguments.Count > 0 ? Expect(command, true)[0] : null;
        if (tag is null)
        {
            Say("OK", null, "Done");
            return;
        }

        // The tag comes back as it came (RFC 5804 §2.13).
        connection.Output.Raw("OK (TAG ").String(tag).Raw(") ").String("Done").Line();
        _status = "OK";
    }

    private async Task HaveSpaceAsync(AccountId account, ManageSieveCommand command, CancellationToken ct)
    {
        var arguments = Expect(command, true, false);
        Answer(await server.Scripts.HaveSpaceAsync(account, arguments[0], long.Parse(arguments[1], CultureInfo.InvariantCulture), ct));
    }

    private async Task SetActiveAsync(AccountId account, ManageSieveCommand command, CancellationToken ct)
    {
        var name = Expect(command, true)[0];
        if (name.Length == 0)
        {
            // "" switches off, and that is no error where nothing was on (RFC 5804 §2.8).
            Changed(await server.Scripts.ActivateAsync(account, null, ct), command, name);
            return;
        }

        Changed(
            await server.Scripts.FindAsync(account, name, ct) is { } script
                ? await server.Scripts.ActivateAsync(account, script.Id, ct) : Refusal.NotFound("script"),
            command, name);
    }

    private async Task GetScriptAsync(AccountId account, ManageSieveCommand command, CancellationToken ct)
    {
        if (await server.Scripts.FindAsync(account, Expect(command, true)[0], ct) is not { } script)
        {
            Answer(Refusal.NotFound("script"));
            return;
        }

        // Always a literal: clients look for nothing else.
        connection.Output.Raw(string.Create(CultureInfo.InvariantCulture, $"{{{Encoding.UTF8.GetByteCount(script.Content)}}}\r\n")).Raw(script.Content).Line();
        Say("OK", null, null);
    }

    private void Changed(Refusal? refusal, ManageSieveCommand command, string name)
    {
        if (refusal is null)
        {
            server.Log.Changed(connection.Id, _login, command.Name, name);
        }

        Answer(refusal);
    }

    private void Answer(Refusal? refusal)
    {
        if (refusal is null)
        {
            Say("OK", null, null);
            return;
        }

        Say("NO", Code(refusal), refusal.Text);
    }

    /// <summary>RFC 5804 §1.3.</summary>
    private static string? Code(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.NotFound => "NONEXISTENT",
        RefusalReason.AlreadyExists => "ALREADYEXISTS",
        RefusalReason.Conflict => "ACTIVE",
        RefusalReason.TooLarge => "QUOTA/MAXSIZE",
        RefusalReason.LimitReached => "QUOTA/MAXSCRIPTS",
        RefusalReason.OverQuota => "QUOTA",
        RefusalReason.TemporarilyUnavailable or RefusalReason.RateLimited => "TRYLATER",
        RefusalReason.Invalid or RefusalReason.Forbidden or RefusalReason.Suspended or RefusalReason.NotVerified or RefusalReason.HasChildren
            or RefusalReason.NonExistentParent or RefusalReason.UnknownRecipient or RefusalReason.SenderNotAllowed or RefusalReason.RelayDenied
            or RefusalReason.LoopDetected => null,
    };

    /// <summary>The arguments, where they are just these: true a string, false a number.</summary>
    private static string[] Expect(ManageSieveCommand command, params ReadOnlySpan<bool> strings)
    {
        var fits = command.Arguments.Count == strings.Length;
        for (var i = 0; fits && i < strings.Length; i++)
        {
            fits = command.Arguments[i].IsString == strings[i] && command.Arguments[i].Text is var text && (strings[i] || text != "*");
        }

        return fits
            ? [.. command.Arguments.Select(a => a.Text)]
            : throw new ManageSieveSyntaxException(strings.Length == 0 ? $"{command.Name} takes no arguments" : $"{command.Name} takes other arguments");
    }
}
