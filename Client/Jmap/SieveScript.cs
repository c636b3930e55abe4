namespace SaaS.Client.Jmap;

/// <summary>RFC 9661 §2. At most one of an account is active; the content is a blob.</summary>
public sealed record SieveScript : IJmapObject
{
    public static string TypeName => "SieveScript";

    public string? Id { get; init; }
    public string? Name { get; init; }
    public string? BlobId { get; init; }
    public bool? IsActive { get; init; }
}

/// <summary>SieveScript/validate: null is a script that could be stored.</summary>
public sealed record ValidateResponse
{
    public string? AccountId { get; init; }
    public SetError? Error { get; init; }
}

/// <summary>RFC 8621 §8. There is one for each account.</summary>
public sealed record VacationResponse : IJmapObject
{
    public const string Singleton = "singleton";

    public static string TypeName => "VacationResponse";

    public string? Id { get; init; }
    public bool? IsEnabled { get; init; }
    public DateTimeOffset? FromDate { get; init; }
    public DateTimeOffset? ToDate { get; init; }
    public string? Subject { get; init; }
    public string? TextBody { get; init; }
    public string? HtmlBody { get; init; }
}
