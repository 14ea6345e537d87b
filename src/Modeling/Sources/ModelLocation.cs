using System.Diagnostics.CodeAnalysis;

namespace GpuStack.Modeling.Sources;

/// <summary>
/// Where a model's file is: <c>hf://owner/repo/file[@revision]</c>, <c>ms://owner/repo/file[@revision]</c>, an http(s) address, or a path.
/// </summary>
public sealed record ModelLocation
{
    private const string HuggingFaceScheme = "hf://";
    private const string ModelScopeScheme = "ms://";

    private ModelLocation(ModelLocationKind kind, string text)
    {
        Kind = kind;
        Text = text;
    }

    /// <summary>The kind of place.</summary>
    public ModelLocationKind Kind { get; }

    /// <summary>The location as it was given.</summary>
    public string Text { get; }

    /// <summary>The repository, <c>owner/repo</c>; null unless it is on a hub.</summary>
    public string? Repository { get; private init; }

    /// <summary>The file within the repository; null unless it is on a hub.</summary>
    public string? File { get; private init; }

    /// <summary>The revision (branch, tag or commit); null unless it is on a hub.</summary>
    public string? Revision { get; private init; }

    /// <summary>Understands a location.</summary>
    /// <exception cref="FormatException">It is none; the message is one sentence.</exception>
    public static ModelLocation Parse(string text)
    {
        if (text.StartsWith(HuggingFaceScheme, StringComparison.OrdinalIgnoreCase))
        {
            return ParseHub(ModelLocationKind.HuggingFace, text, HuggingFaceScheme, "main");
        }

        if (text.StartsWith(ModelScopeScheme, StringComparison.OrdinalIgnoreCase))
        {
            return ParseHub(ModelLocationKind.ModelScope, text, ModelScopeScheme, "master");
        }

        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return text.Length > 0 ? new(ModelLocationKind.File, text) : throw new FormatException("The model's location is empty; name a file, an address or hf://owner/repo/file.");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new FormatException($"'{text}' is no location of a model; expected are a path, http://, https://, hf://owner/repo/file and ms://owner/repo/file.");
        }

        return uri.UserInfo.Length == 0
            ? new(ModelLocationKind.Http, text)
            : throw new FormatException($"The address at {uri.Host} holds a user name or password; use a token instead.");
    }

    /// <summary>A file of a Hugging Face repository.</summary>
    public static ModelLocation HuggingFace(string repository, string file, string revision = "main") =>
        Parse($"{HuggingFaceScheme}{repository}/{file}@{revision}");

    /// <summary>A file of a ModelScope repository.</summary>
    public static ModelLocation ModelScope(string repository, string file, string revision = "master") =>
        Parse($"{ModelScopeScheme}{repository}/{file}@{revision}");

    /// <summary>The address to read; false for a local file.</summary>
    public bool TryGetAddress(ModelHubSettings settings, [NotNullWhen(true)] out Uri? address)
    {
        address = Kind switch
        {
            ModelLocationKind.Http => new Uri(Text),
            ModelLocationKind.HuggingFace => Resolve(settings.HuggingFaceEndpoint, ""),
            ModelLocationKind.ModelScope => Resolve(settings.ModelScopeEndpoint, "models/"),
            _ => null,
        };
        return address is not null;
    }

    /// <summary>Opens the file for reading by ranges. Nothing is requested yet.</summary>
    /// <param name="client">Made with <see cref="HttpByteRangeSource.CreateHandler"/>; not used for local files.</param>
    /// <param name="settings">Endpoints and tokens.</param>
    /// <param name="options">Block sizes and time limit; its token, where it has one, replaces the settings'.</param>
    /// <exception cref="ByteRangeException">The local file cannot be opened.</exception>
    public IByteRangeSource Open(HttpClient client, ModelHubSettings settings, HttpByteRangeOptions? options = null)
    {
        options ??= new HttpByteRangeOptions();
        return TryGetAddress(settings, out Uri? address)
            ? new HttpByteRangeSource(client, address, options with { Token = options.Token ?? Token(address, settings) })
            : FileByteRangeSource.Open(Text);
    }

    /// <inheritdoc />
    public override string ToString() => Text;

    private static ModelLocation ParseHub(ModelLocationKind kind, string text, string scheme, string defaultRevision)
    {
        string rest = text[scheme.Length..];
        int at = rest.LastIndexOf('@');
        string revision = at < 0 ? defaultRevision : rest[(at + 1)..];
        string[] parts = (at < 0 ? rest : rest[..at]).Split('/');
        if (parts.Length < 3 || !Array.TrueForAll(parts, IsSegment) || !Array.TrueForAll(revision.Split('/'), IsSegment))
        {
            throw new FormatException($"'{text}' is no file on a hub; expected is {scheme}owner/repo/file, with @revision after it if it is not {defaultRevision}.");
        }

        return new(kind, text) { Repository = $"{parts[0]}/{parts[1]}", File = string.Join('/', parts[2..]), Revision = revision };
    }

    private static bool IsSegment(string segment) => segment.Length > 0 && segment is not ("." or "..") && !segment.AsSpan().ContainsAny('\\', '?', '#');

    private static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static string? Token(Uri address, ModelHubSettings settings) =>
        IsServer(address, settings.HuggingFaceEndpoint) ? settings.HuggingFaceToken
        : IsServer(address, settings.ModelScopeEndpoint) ? settings.ModelScopeToken
        : null;

    private static bool IsServer(Uri address, Uri endpoint) =>
        Uri.Compare(address, endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private Uri Resolve(Uri endpoint, string prefix) => new(
        $"{endpoint.AbsoluteUri.TrimEnd('/')}/{prefix}{Escape(Repository!)}/resolve/{Uri.EscapeDataString(Revision!)}/{Escape(File!)}");
}
