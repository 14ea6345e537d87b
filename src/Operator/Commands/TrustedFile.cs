using System.CommandLine;
using GpuStack.Modeling.Sources;

namespace GpuStack.Operator.Commands;

/// <summary>The option <c>--ca-file</c>, and what is read from its file.</summary>
internal static class TrustedFile
{
    private const string Name = "--ca-file";

    public static Option<string?> Option() => new(Name)
    {
        Description = "A file of certificates (PEM) of authorities that servers of models are trusted by, beside the system's",
        HelpName = "FILE",
    };

    /// <summary>The authorities; null for no file.</summary>
    /// <exception cref="InputException">The file cannot be read, or holds something else.</exception>
    public static TrustedAuthorities? Read(string? path)
    {
        if (path is null)
            return null;
        try
        {
            var file = new FileInfo(path);
            // What is too large is refused unread, by the same sentence.
            if (file.Exists && file.Length > TrustedAuthorities.LargestText)
                throw new FormatException($"the file has {file.Length} bytes, at most {TrustedAuthorities.LargestText} are read; leave out authorities that the system trusts anyway");
            return TrustedAuthorities.Parse(File.ReadAllText(path));
        }
        catch (FormatException exception)
        {
            throw new InputException($"{Name} {path}: {exception.Message}.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{Name}: '{path}' cannot be read: {exception.Message} Name a file of certificates in PEM.", exception);
        }
    }
}
