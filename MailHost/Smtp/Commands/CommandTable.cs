using System.Collections.Frozen;
using SaaS.MailHost.Smtp.Extensions;

namespace SaaS.MailHost.Smtp.Commands;

/// <summary>Every verb. A new one is a file beside this and a line here; when it is legal says SmtpState.cs.</summary>
internal sealed class CommandTable
{
    private readonly FrozenDictionary<string, SmtpCommand> _commands;

    public CommandTable(ExtensionTable extensions, MessageIntake intake, AuthCommand auth)
    {
        SmtpCommand[] all =
        [
            new EhloCommand(extensions),
            new LhloCommand(extensions),
            new HeloCommand(),
            new MailCommand(extensions),
            new RcptCommand(extensions),
            new DataCommand(intake),
            new BdatCommand(intake),
            new RsetCommand(),
            new NoopCommand(),
            new VrfyCommand(),
            new ExpnCommand(),
            new HelpCommand(),
            new QuitCommand(),
            new StartTlsCommand(),
            auth,
        ];
        _commands = all.ToFrozenDictionary(c => c.Verb, StringComparer.Ordinal);
    }

    public SmtpCommand? Find(string verb) => _commands.GetValueOrDefault(verb);
}
