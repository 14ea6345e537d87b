namespace GpuStack.Operator.Hosting;

/// <summary>Names of images in another registry. Pure.</summary>
internal static class ImageRegistry
{
    /// <summary>Whether a text can stand before an image's path: a host, with a port and a path where it has them.</summary>
    public static bool IsPrefix(string text) =>
        text.Length is > 0 and <= 255 && !text.StartsWith('/') && !text.Contains("//", StringComparison.Ordinal)
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' or ':' or '/');

    /// <summary>
    /// The image of the same path in another registry. As in Docker's names, the first part is a host if it has a dot or a port, or is
    /// <c>localhost</c>; else the name has none.
    /// </summary>
    public static string From(string registry, string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? "" : image[..slash];
        var path = host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal) || host == "localhost" ? image[(slash + 1)..] : image;
        return $"{registry.TrimEnd('/')}/{path}";
    }
}
