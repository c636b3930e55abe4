namespace SaaS.Domain.Accounts;

/// <summary>What a mail program signs in to; as a set: what an app password is good for.</summary>
[Flags]
public enum MailProtocols
{
    None = 0,
    Imap = 1,
    Pop3 = 2,
    Submission = 4,
    ManageSieve = 8,
    All = Imap | Pop3 | Submission | ManageSieve,
}
