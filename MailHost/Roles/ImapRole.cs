using Microsoft.AspNetCore.Server.Kestrel.Core;
using SaaS.Domain.Messages;
using SaaS.MailHost.Imap;
using SaaS.MailHost.Imap.Commands.Search;
using SaaS.MailHost.Net;

namespace SaaS.MailHost.Roles;

internal sealed class ImapRole : IRole
{
    public string Name => "imap";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<ImapOptions>(configuration, ImapOptions.Section)
            .Validate(o => o.IdleTimeout >= TimeSpan.FromMinutes(29), "Imap:IdleTimeout must not be below 29 minutes.")
            .Validate(o => o.LoginTimeout > TimeSpan.Zero && o.WriteTimeout > TimeSpan.Zero && o.FailedLoginDelay >= TimeSpan.Zero, "Imap: a time must not be negative.")
            .Validate(o => o.MaxAnonymousCommand >= 1024 && o.MaxLine >= 8192 && o.MaxCommand >= o.MaxLine, "Imap: a size is too small to talk.")
            .Validate(o => o is { SaveLimit: >= 1000, CommandsPerMinute: >= 0 }, "Imap:SaveLimit must not be below 1,000 (RFC 9738 §3).")
            .Validate(o => o is { MaxMessage: > 0, MaxBadCommands: > 0, MaxFailedLogins: > 0 }, "Imap: a limit must be above zero.");
        services.AddSingleton<MailboxReader>();
        services.AddSingleton<MailboxIndexCache>();
        services.AddSingleton<SearchEvaluator>();
        services.AddSingleton<ImapMetrics>();
        services.AddSingleton<CommandTable>();
        services.AddSingleton<ImapServer>();
    }

    public void Listen(KestrelServerOptions kestrel, IConfiguration configuration)
    {
        kestrel.ListenMail<ImapServer>(configuration, "Imap:Port", 2143);
        kestrel.ListenMail<ImapServer>(configuration, "Imap:TlsPort", 2993, implicitTls: true);
    }
}
