namespace SaaS.Domain.Accounts;

/// <summary>A sign-in at the sign-in page. Its id stands in the session cookie and in every token that follows from it; all end with it.</summary>
public sealed class UserSession
{
    public Guid Id { get; set; }
    public long UserId { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>When a token was last asked for: exact to some minutes.</summary>
    public DateTimeOffset SeenAt { get; set; }
    public string? Address { get; set; }
    /// <summary>As the browser calls itself, at most 300 characters.</summary>
    public string? UserAgent { get; set; }
    /// <summary>Password, code or passkey.</summary>
    public required string Method { get; set; }
}
