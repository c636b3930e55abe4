namespace SaaS.Web.Portal;

/// <summary>What a state means to the reader; the colour follows from it.</summary>
public enum Tone
{
    Neutral,
    Good,
    Warn,
    Bad,
    Info,
}
