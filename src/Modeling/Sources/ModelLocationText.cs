using System.Buffers;

namespace GpuStack.Modeling.Sources;

/// <summary>Reads the text of a <see cref="ModelLocation"/>. Pure.</summary>
internal static class ModelLocationText
{
    public const string HuggingFaceRevision = "main";
    public const string ModelScopeRevision = "master";
    private const string HuggingFaceScheme = "hf://";
    private const string ModelScopeScheme = "ms://";
    private const string OciScheme = "oci://";

    /// <summary>Far more than any location has; keeps messages and addresses short.</summary>
    private const int MaximumLength = 4096;

    private static readonly SearchValues<char> QuantizationLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    private static readonly SearchValues<char> RepositoryLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-./");

    public static ModelLocation Parse(string text)
    {
        if (text.Length is 0 or > MaximumLength)
        {
            throw new FormatException(text.Length == 0
                ? "The model's location is empty; name a file, a directory, an address, hf://owner/repo or oci://registry/repository."
                : $"The model's location has {text.Length} characters; at most {MaximumLength} are allowed.");
        }

        if (text.StartsWith(HuggingFaceScheme, StringComparison.OrdinalIgnoreCase))
        {
            return ParseHub(ModelLocationKind.HuggingFace, text, HuggingFaceScheme, HuggingFaceRevision);
        }

        if (text.StartsWith(ModelScopeScheme, StringComparison.OrdinalIgnoreCase))
        {
            return ParseHub(ModelLocationKind.ModelScope, text, ModelScopeScheme, ModelScopeRevision);
        }

        if (text.StartsWith(OciScheme, StringComparison.OrdinalIgnoreCase))
        {
            return ParseOci(text);
        }

        return text.Contains("://", StringComparison.Ordinal) ? ParseAddress(text) : new(ModelLocationKind.File, text);
    }

    private static ModelLocation ParseAddress(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new FormatException($"'{text}' is no location of a model; expected are a path, https://, hf://owner/repo, ms://owner/repo and oci://registry/repository.");
        }

        return uri.UserInfo.Length == 0
            ? new(ModelLocationKind.Http, text)
            : throw new FormatException($"The address at {uri.Host} holds a user name or password; use a token instead.");
    }

    private static ModelLocation ParseHub(ModelLocationKind kind, string text, string scheme, string defaultRevision)
    {
        string rest = text[scheme.Length..];
        int at = rest.LastIndexOf('@');
        string revision = at < 0 ? defaultRevision : rest[(at + 1)..];
        string[] parts = (at < 0 ? rest : rest[..at]).TrimEnd('/').Split('/');
        string? quantization = null;
        if (parts.Length == 2 && parts[1].IndexOf(':', StringComparison.Ordinal) is > 0 and int colon)
        {
            quantization = parts[1][(colon + 1)..];
            parts[1] = parts[1][..colon];
        }

        bool isQuantization = quantization is null
            || (quantization.Length is > 0 and <= 64 && !quantization.AsSpan().ContainsAnyExcept(QuantizationLetters));
        if (parts.Length < 2 || !isQuantization || !Array.TrueForAll(parts, IsSegment) || parts[0].Contains('*', StringComparison.Ordinal)
            || parts[1].AsSpan().ContainsAny('*', ':') || !Array.TrueForAll(revision.Split('/'), IsSegment))
        {
            throw new FormatException(
                $"'{text}' names nothing on a hub; expected is {scheme}owner/repo, with :quantization or /file after it, and @revision if it is not {defaultRevision}.");
        }

        return new(kind, text)
        {
            Repository = $"{parts[0]}/{parts[1]}",
            File = parts.Length > 2 ? string.Join('/', parts[2..]) : null,
            Quantization = quantization,
            Revision = revision,
        };
    }

    private static ModelLocation ParseOci(string text)
    {
        string rest = text[OciScheme.Length..];
        string? file = null;
        if (rest.IndexOf('#', StringComparison.Ordinal) is >= 0 and int hash)
        {
            file = rest[(hash + 1)..];
            rest = rest[..hash];
        }

        string revision = "latest";
        int at = rest.IndexOf('@', StringComparison.Ordinal);
        int colon = rest.LastIndexOf(':');
        if (at >= 0)
        {
            revision = rest[(at + 1)..];
            rest = rest[..at];
            colon = rest.LastIndexOf(':');
        }

        // The colon of a port stands before the first slash.
        if (colon > rest.IndexOf('/', StringComparison.Ordinal))
        {
            revision = at >= 0 ? revision : rest[(colon + 1)..];
            rest = rest[..colon];
        }

        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string registry = slash < 0 ? rest : rest[..slash];
        string repository = slash < 0 ? "" : rest[(slash + 1)..];
        bool isFile = file is null || Array.TrueForAll(file.TrimStart('/').Split('/'), IsSegment);
        if (!Uri.TryCreate($"https://{registry}/", UriKind.Absolute, out Uri? host) || host.UserInfo.Length > 0 || host.AbsolutePath.Length > 1
            || repository.AsSpan().ContainsAnyExcept(RepositoryLetters) || !Array.TrueForAll(repository.Split('/'), IsSegment)
            || !IsReference(revision, at >= 0) || !isFile)
        {
            throw new FormatException(
                $"'{text}' names nothing in a registry; expected is oci://registry/repository, with :tag or @sha256:digest after it, and #path for a file of it.");
        }

        return new(ModelLocationKind.Oci, text) { Registry = registry, Repository = repository, File = file?.TrimStart('/'), Revision = revision };
    }

    private static bool IsReference(string revision, bool isDigest) => isDigest
        ? revision.StartsWith("sha256:", StringComparison.Ordinal) && revision.Length == 71 && ModelLocation.IsHexadecimal(revision[7..])
        : revision.Length is > 0 and <= 128 && !revision.AsSpan().ContainsAnyExcept(QuantizationLetters) && revision[0] is not ('.' or '-');

    private static bool IsSegment(string segment) => segment.Length > 0 && segment is not ("." or "..") && !segment.AsSpan().ContainsAny('\\', '?', '#');
}
