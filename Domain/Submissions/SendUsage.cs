using SaaS.Domain.Common;

namespace SaaS.Domain.Submissions;

/// <summary>Recipients that an account sent to in one hour; the last 24 are kept.</summary>
public sealed class SendUsage
{
    public AccountId AccountId { get; set; }
    public DateTimeOffset Hour { get; set; }
    public int Recipients { get; set; }
}
