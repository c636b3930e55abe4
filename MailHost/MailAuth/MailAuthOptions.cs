namespace SaaS.MailHost.MailAuth;

/// <summary>Section MailAuth.</summary>
public sealed class MailAuthOptions
{
    /// <summary>Our name in Authentication-Results, the same on every node. Default: Host:Name.</summary>
    public string AuthServId { get; set; } = "";

    /// <summary>Domain of the reverse-paths of forwarded mail; its MX is us and its SPF record names our senders. Default: Host:Name.</summary>
    public string SrsDomain { get; set; } = "";

    /// <summary>Received-SPF beside Authentication-Results. Default false.</summary>
    public bool ReceivedSpf { get; set; }

    /// <summary>Whether mx checks messages at all. Default true.</summary>
    public bool Check { get; set; } = true;

    public static MailAuthOptions From(IConfiguration configuration)
    {
        var options = new MailAuthOptions();
        configuration.GetSection("MailAuth").Bind(options);
        var host = configuration["Host:Name"] ?? "localhost";
        options.AuthServId = options.AuthServId.Length == 0 ? host : options.AuthServId;
        options.SrsDomain = (options.SrsDomain.Length == 0 ? host : options.SrsDomain).ToLowerInvariant();
        return options;
    }
}
