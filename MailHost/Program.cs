using SaaS.MailHost;

return args is [CheckMessageCommand.Name, .. var rest]
    ? await CheckMessageCommand.RunAsync(rest, Console.Out, Console.Error, CancellationToken.None)
    : await MailHostApp.RunAsync(args);
