return await SaaS.MailHost.MailHostApp.RunAsync(args);
