namespace SaaS.Domain.Sieve;

/// <summary>What one person's script may cost. The defaults are those of other multi-tenant servers.</summary>
public sealed class SieveLimits
{
    /// <summary>Octets of a script. Default 100 KB.</summary>
    public int MaxScriptBytes { get; set; } = 100 * 1024;

    /// <summary>Scripts of an account. Default 100.</summary>
    public int MaxScripts { get; set; } = 100;

    /// <summary>Blocks, and tests, inside each other. Default 15.</summary>
    public int MaxDepth { get; set; } = 15;

    /// <summary>Commands and tests that one delivery may run, included scripts counted. Default 5,000.</summary>
    public int MaxSteps { get; set; } = 5000;

    /// <summary>Included scripts inside each other. Default 3.</summary>
    public int MaxIncludeDepth { get; set; } = 3;

    /// <summary>Characters of a variable (RFC 5229 §6 asks for 4,000). Default 4,096.</summary>
    public int MaxVariableLength { get; set; } = 4096;

    /// <summary>Variables of a script. Default 128.</summary>
    public int MaxVariables { get; set; } = 128;

    /// <summary>Redirects of one delivery, whatever the setting filters.redirects says, which is smaller. Default 20.</summary>
    public int MaxRedirects { get; set; } = 20;

    /// <summary>Messages of its own that one delivery may send: responses and notifications. Default 3.</summary>
    public int MaxOutgoing { get; set; } = 3;

    /// <summary>Copies that one delivery may store. Default 32.</summary>
    public int MaxActions { get; set; } = 32;

    /// <summary>Shortest time between two responses to one sender. Default 1 day; RFC 6131 §2 allows less where the site does.</summary>
    public TimeSpan MinVacation { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Where a script does not say. Default 7 days (RFC 5230 §4.1).</summary>
    public TimeSpan DefaultVacation { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long responses, and the ids of <c>duplicate</c>, are remembered at most. Default 30 days.</summary>
    public TimeSpan MaxMemory { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Octets of a message that body and MIME tests look into. Default 4 MB.</summary>
    public int MaxBodyBytes { get; set; } = 4 * 1024 * 1024;
}
