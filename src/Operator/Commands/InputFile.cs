using System.Text;

namespace GpuStack.Operator.Commands;

/// <summary>Text files that the command line names.</summary>
internal static class InputFile
{
    private const string StandardInput = "-";

    /// <summary>More than the largest cluster's nodes and pods take; devices that never end are files too.</summary>
    private const int MostCharacters = 256 << 20;

    /// <summary>The text of a file; <c>-</c> is standard input.</summary>
    /// <exception cref="InputException">There is no such file, or it cannot be read; one sentence.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (path == StandardInput)
            return await ReadAsync(Console.In, "standard input", cancellationToken);
        if (path.Length == 0)
            throw new InputException("The name of a file is empty; name one, or - for standard input.");
        if (Directory.Exists(path))
            throw new InputException($"{path}: is a directory; name a file in it.");
        try
        {
            using var reader = new StreamReader(path, Encoding.UTF8);
            return await ReadAsync(reader, path, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: there is no such file; check the path.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"{path}: cannot be read ({exception.Message.TrimEnd('.')}); check the path and its permissions.", exception);
        }
    }

    private static async Task<string> ReadAsync(TextReader reader, string name, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[64 << 10];
        while (await reader.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            // No text holds this character; binary files and /dev/zero end here.
            if (buffer.AsSpan(0, read).Contains('\0'))
                throw new InputException($"{name}: the file is not text; expected YAML or JSON.");
            if (text.Length + read > MostCharacters)
                throw new InputException($"{name}: is longer than {MostCharacters} characters; give fewer objects.");
            text.Append(buffer, 0, read);
        }
        return text.ToString();
    }
}
