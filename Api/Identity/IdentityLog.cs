using System.Net;
using SaaS.Domain.Common;

namespace SaaS.Api.Identity;

/// <summary>Sign-in events: 7100s. Next free: 7101.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(7100, LogLevel.Information, "Sign-in refused ({Reason}) from {Address}.")]
    public static partial void SignInRefused(ILogger log, RefusalReason reason, IPAddress? address);
}
