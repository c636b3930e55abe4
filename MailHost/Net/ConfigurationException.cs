namespace SaaS.MailHost.Net;

/// <summary>A setting is wrong; the message is the one line that the operator reads before the process ends.</summary>
internal sealed class ConfigurationException(string message) : Exception(message);
