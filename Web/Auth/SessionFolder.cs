namespace SaaS.Web.Auth;

/// <summary>The folders this process keeps: encryption keys and sign-in sessions.</summary>
internal sealed class SessionFolder
{
    public SessionFolder(string dataPath)
    {
        Keys = Path.GetFullPath(Path.Combine(dataPath, "web", "keys"));
        Sessions = Path.GetFullPath(Path.Combine(dataPath, "web", "sessions"));
        foreach (var path in (string[])[Keys, Sessions])
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(
                    path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    public string Keys { get; }

    public string Sessions { get; }
}
