namespace GpuStack.Operator.Commands.Generate;

/// <summary>Where generated files go.</summary>
internal sealed class GeneratedFolder(string root)
{
    /// <summary>Writes <paramref name="text"/> with Unix line ends; hands back the path for the list of what was written.</summary>
    /// <exception cref="InputException">The folder cannot be written to.</exception>
    public string Write(string path, string text)
    {
        var file = Path.Combine(root, path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text.ReplaceLineEndings("\n"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--out {root}: {exception.Message} Give a folder that can be written to.", exception);
        }
        return file;
    }
}
