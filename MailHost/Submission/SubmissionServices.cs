namespace SaaS.MailHost.Submission;

internal static class SubmissionServices
{
    public static IServiceCollection AddSubmission(this IServiceCollection services)
    {
        services.AddSingleton<SenderAuthorization>();
        services.AddSingleton<SubmissionPolicy>();
        services.AddHostedService<SubmissionWorker>();
        return services;
    }
}
