namespace SaaS.Web.Auth;

/// <summary>Web sign-in events: 6000s. Next free: 6002.</summary>
internal static partial class AuthLog
{
    [LoggerMessage(6000, LogLevel.Information, "The refresh token was refused with {Status}; the session is closed.")]
    public static partial void RefreshRefused(ILogger log, int status);

    [LoggerMessage(6001, LogLevel.Warning, "Sign-in failed.")]
    public static partial void SignInFailed(ILogger log, Exception? error);
}
