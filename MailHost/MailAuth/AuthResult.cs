namespace SaaS.MailHost.MailAuth;

/// <summary>The results of all methods, as RFC 8601 §2.7 names them.</summary>
internal enum AuthResult
{
    None,
    Pass,
    Fail,
    SoftFail,
    Neutral,
    /// <summary>Sound, but not good enough for us: a weak key.</summary>
    Policy,
    TempError,
    PermError,
}

internal static class AuthResultWords
{
    public static string Word(this AuthResult result) => result switch
    {
        AuthResult.None => "none",
        AuthResult.Pass => "pass",
        AuthResult.Fail => "fail",
        AuthResult.SoftFail => "softfail",
        AuthResult.Neutral => "neutral",
        AuthResult.Policy => "policy",
        AuthResult.TempError => "temperror",
        AuthResult.PermError => "permerror",
    };
}
