using System.Text;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>PEM text that stands in the kubeconfig, or in a file that may be replaced while we run. No record: printing would show a key.</summary>
internal sealed class PemSource
{
    private readonly string? _text;

    private PemSource(string? text, string? path)
    {
        _text = text;
        Path = path;
    }

    /// <summary>The file; null when the text is given.</summary>
    public string? Path { get; }

    public static PemSource OfText(string text) => new(text, null);

    public static PemSource OfFile(string path) => new(null, path);

    /// <exception cref="FormatException">The data is not base64.</exception>
    public static PemSource OfBase64(string data) => new(Encoding.UTF8.GetString(Convert.FromBase64String(data)), null);

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public string Read() => _text ?? BoundedFile.Read(Path!);

    public override string ToString() => Path ?? "PEM text";
}
