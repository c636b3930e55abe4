namespace SaaS.MailHost.Router.Filters;

/// <summary>Filters 3100-3199. Next free: 3104.</summary>
internal static partial class FilterLog
{
    [LoggerMessage(3100, LogLevel.Information, "Account {Account}: the filter failed, the message is kept: {Error}")]
    public static partial void Failed(this ILogger log, string account, string error);

    [LoggerMessage(3101, LogLevel.Information, "Account {Account}: the filter redirects a message to {Address}")]
    public static partial void Redirected(this ILogger log, string account, string address);

    [LoggerMessage(3102, LogLevel.Information, "Account {Account}: the filter answers {Address}")]
    public static partial void Answered(this ILogger log, string account, string address);

    [LoggerMessage(3103, LogLevel.Information, "Account {Account}: the filter's message to {Address} is not sent: {Reason}")]
    public static partial void NotSent(this ILogger log, string account, string address, string reason);
}
