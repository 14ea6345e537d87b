namespace GpuStack.Kubernetes.Client.Credentials;

/// <summary>
/// Looks a program up in PATH alone. Left to the runtime, the folder of our own program and the current one would come
/// first, and whoever may write there could have us run theirs.
/// </summary>
internal static class ExecutablePath
{
    public static string? Find(string command, string? path)
    {
        if (Path.IsPathRooted(command)) return File.Exists(command) ? command : null;
        foreach (var directory in (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Path.IsPathFullyQualified(directory)) continue;
            foreach (var suffix in OperatingSystem.IsWindows() ? [".exe", ""] : (ReadOnlySpan<string>)[""])
            {
                var candidate = Path.Combine(directory, command + suffix);
                if (File.Exists(candidate) && IsExecutable(candidate)) return candidate;
            }
        }

        return null;
    }

    private static bool IsExecutable(string file) =>
        OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None;
}
