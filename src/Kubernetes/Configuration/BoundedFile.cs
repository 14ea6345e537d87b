using System.Text;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>Reads small files: a kubeconfig, a token or a certificate that is longer than expected is something else.</summary>
internal static class BoundedFile
{
    /// <summary>Longest file, in characters: that of a manifest.</summary>
    public const int MaxLength = 1 << 20;

    /// <exception cref="IOException">The file cannot be read, or is longer than <see cref="MaxLength"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static string Read(string path)
    {
        // Not by the file's length: a pipe has none.
        using var reader = new StreamReader(path, Encoding.UTF8);
        var text = new StringBuilder();
        var buffer = new char[8192];
        int read;
        while ((read = reader.Read(buffer)) > 0)
        {
            text.Append(buffer, 0, read);
            if (text.Length > MaxLength) throw new IOException($"it has more than {MaxLength} characters");
        }

        return text.ToString();
    }
}
