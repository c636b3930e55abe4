namespace SaaS.MailHost.MailAuth.Spf;

/// <summary>A record or macro that is not in the grammar: permerror, or an explanation that is left out.</summary>
internal sealed class SpfSyntaxException(string message) : Exception(message);
