namespace SaaS.Api.Jmap;

/// <summary>Every method there is.</summary>
internal sealed class MethodTable(IEnumerable<JmapMethod> methods)
{
    private readonly Dictionary<string, JmapMethod> _byName = methods.ToDictionary(m => m.Name, StringComparer.Ordinal);

    public JmapMethod? Find(string name) => _byName.GetValueOrDefault(name);

    public IReadOnlyCollection<JmapMethod> All => _byName.Values;

    /// <summary>The index of this folder: one line a method.</summary>
    public static readonly IReadOnlyList<Type> Types =
    [
        typeof(Core.EchoMethod),
        typeof(Mail.MailboxGetMethod),
        typeof(Mail.MailboxChangesMethod),
        typeof(Mail.MailboxQueryMethod),
        typeof(Mail.MailboxQueryChangesMethod),
        typeof(Mail.MailboxSetMethod),
        typeof(Mail.ThreadGetMethod),
        typeof(Mail.ThreadChangesMethod),
        typeof(Mail.EmailGetMethod),
        typeof(Mail.EmailChangesMethod),
        typeof(Mail.EmailQueryMethod),
        typeof(Mail.EmailQueryChangesMethod),
        typeof(Mail.EmailSetMethod),
        typeof(Mail.EmailCopyMethod),
        typeof(Mail.EmailImportMethod),
        typeof(Mail.EmailParseMethod),
        typeof(Mail.SearchSnippetGetMethod),
        typeof(Submission.IdentityGetMethod),
        typeof(Submission.IdentityChangesMethod),
        typeof(Submission.IdentitySetMethod),
        typeof(Submission.SubmissionGetMethod),
        typeof(Submission.SubmissionChangesMethod),
        typeof(Submission.SubmissionQueryMethod),
        typeof(Submission.SubmissionQueryChangesMethod),
        typeof(Submission.SubmissionSetMethod),
        typeof(Sieve.ScriptGetMethod),
        typeof(Sieve.ScriptSetMethod),
        typeof(Sieve.ScriptQueryMethod),
        typeof(Sieve.ScriptValidateMethod),
        typeof(Sieve.VacationGetMethod),
        typeof(Sieve.VacationSetMethod),
    ];
}
