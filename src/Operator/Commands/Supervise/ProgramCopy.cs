namespace GpuStack.Operator.Commands.Supervise;

/// <summary>Brings this program into a folder that another container of the pod shares, where it runs without anything else.</summary>
internal static class ProgramCopy
{
    /// <summary>Its name there.</summary>
    public const string FileName = "gpustack-operator";

    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The program's own file.</summary>
    /// <exception cref="InputException">It is not one file alone.</exception>
    public static string Own()
    {
        // Only where the program is not published as one file do its parts lie beside it.
        var part = Path.Combine(AppContext.BaseDirectory, $"{typeof(ProgramCopy).Assembly.GetName().Name}.dll");
        if (Environment.ProcessPath is { } file && !File.Exists(part))
            return file;
        throw new InputException("--copy-to needs the program as a single file, and here it runs from several; publish it for a platform: dotnet publish src/Operator -c Release --arch x64.");
    }

    /// <summary>Copies, and replaces what is there in one step: whoever runs the old file keeps it, and nobody sees half of the new one.</summary>
    /// <returns>The path of the copy.</returns>
    /// <exception cref="WorkFailedException">The folder cannot be written.</exception>
    public static string To(string source, string folder)
    {
        var target = Path.Combine(Path.GetFullPath(folder), FileName);
        var temporary = $"{target}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(folder);
            try
            {
                using (var from = File.OpenRead(source))
                using (var to = new FileStream(temporary, Options()))
                {
                    from.CopyTo(to);
                    to.Flush(flushToDisk: true);
                }
                // Not what the umask left of it.
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(temporary, Mode);
                File.Move(temporary, target, overwrite: true);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"The program cannot be copied to {target}: {exception.Message}", exception);
        }
        return target;
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
