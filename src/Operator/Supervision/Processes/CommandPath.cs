namespace GpuStack.Operator.Supervision.Processes;

/// <summary>
/// Finds a program as <c>execvp</c> does: a name with a slash is a path, any other is looked for in PATH alone. .NET would look beside itself
/// and in the current folder first.
/// </summary>
internal static class CommandPath
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The full path; null when there is none.</summary>
    public static string? Find(string name, string? path)
    {
        if (name.Length == 0)
            return null;
        if (name.Contains('/', StringComparison.Ordinal))
            return File.Exists(name) ? Path.GetFullPath(name) : null;
        foreach (var folder in (path ?? "/usr/local/bin:/usr/bin:/bin").Split(':'))
        {
            var file = Path.GetFullPath(Path.Combine(folder.Length == 0 ? "." : folder, name));
            if (File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & AnyExecute) != UnixFileMode.None))
                return file;
        }
        return null;
    }
}
