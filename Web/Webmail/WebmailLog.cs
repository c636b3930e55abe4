namespace SaaS.Web.Webmail;

/// <summary>Webmail events: 6100s. Next free: 6104. What fails because the browser has gone is no event.</summary>
internal static partial class WebmailLog
{
    public static void LoadFailed(ILogger log, Exception error)
    {
        if (!MailFault.NobodyThere(error))
        {
            LoadingFailed(log, error);
        }
    }

    [LoggerMessage(6100, LogLevel.Warning, "Loading mail failed.")]
    private static partial void LoadingFailed(ILogger log, Exception error);

    [LoggerMessage(6101, LogLevel.Warning, "Live updates stopped; they start again.")]
    public static partial void ListenFailed(ILogger log, Exception error);

    [LoggerMessage(6102, LogLevel.Warning, "Saving a draft failed.")]
    public static partial void DraftFailed(ILogger log, Exception error);

    [LoggerMessage(6103, LogLevel.Warning, "An action on messages failed.")]
    public static partial void ActionFailed(ILogger log, Exception error);
}
