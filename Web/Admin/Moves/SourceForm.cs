using System.Globalization;
using SaaS.Client.Moves;
using SaaS.Web.Portal;

namespace SaaS.Web.Admin.Moves;

/// <summary>The source as it is typed.</summary>
public sealed class SourceForm
{
    public string Host { get; set; } = "";
    public string Port { get; set; } = "993";
    public SourceTls Tls { get; set; }
    public bool AnyCertificate { get; set; }
    public string MasterUser { get; set; } = "";
    public bool FollowFlags { get; set; } = true;
    public bool FollowExpunges { get; set; }
    public bool ExceedQuota { get; set; } = true;

    /// <summary>Null where a field says what is wrong.</summary>
    public MoveSourceBody? Read(FormErrors errors)
    {
        errors.Require("host", Host, "Name the server that the mail is on.");
        if (!int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            errors.Set("port", "A port is a number.");
        }

        return errors.Any
            ? null
            : new MoveSourceBody(
                Host.Trim(), port, Tls, AnyCertificate, MasterUser.Trim() is { Length: > 0 } master ? master : null, FollowFlags, FollowExpunges,
                ExceedQuota ? null : false);
    }
}
