using System.Globalization;

namespace SaaS.MailHost;

/// <summary>Who this process is, for its row in node and for queue leases.</summary>
internal sealed record NodeIdentity(string Process, IReadOnlyList<string> Roles)
{
    public string Host { get; } = Environment.MachineName;

    public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Process}:{Environment.ProcessId}");

    public string Version { get; } = typeof(NodeIdentity).Assembly.GetName().Version?.ToString(3) ?? "0";
}
