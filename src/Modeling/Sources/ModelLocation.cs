using System.Diagnostics.CodeAnalysis;

namespace GpuStack.Modeling.Sources;

/// <summary>
/// Where a model is: <c>hf://owner/repo[:quantization][/file][@revision]</c>, <c>ms://…</c> alike,
/// <c>oci://registry/repository[:tag|@digest][#path]</c>, an http(s) address, or a path. <c>Hubs.ModelOpener</c> opens all of them.
/// </summary>
public sealed record ModelLocation
{
    internal ModelLocation(ModelLocationKind kind, string text)
    {
        Kind = kind;
        Text = text;
    }

    /// <summary>The kind of place.</summary>
    public ModelLocationKind Kind { get; }

    /// <summary>The location as it was given.</summary>
    public string Text { get; }

    /// <summary>The registry's host, with its port where it was given; null unless it is in a registry.</summary>
    public string? Registry { get; internal init; }

    /// <summary>The repository, <c>owner/repo</c> on a hub, any depth in a registry; null elsewhere.</summary>
    public string? Repository { get; internal init; }

    /// <summary>The file, a pattern with <c>*</c>, or a folder within the repository; null where none is named.</summary>
    public string? File { get; internal init; }

    /// <summary>The name of the quantization to choose, such as <c>Q4_K_M</c>; null where none is named.</summary>
    public string? Quantization { get; internal init; }

    /// <summary>The revision: branch, tag or commit on a hub, tag or digest in a registry; null elsewhere.</summary>
    public string? Revision { get; internal init; }

    /// <summary>Whether the location names one GGUF file, so that nothing has to be listed to find it.</summary>
    public bool NamesFile => Kind == ModelLocationKind.Http
        ? !Text.AsSpan(0, EndOfPath(Text)).EndsWith("/")
        : File is not null && !File.Contains('*', StringComparison.Ordinal) && File.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether what the location names can never change: a commit, or a digest.</summary>
    public bool IsImmutable => Kind switch
    {
        ModelLocationKind.HuggingFace or ModelLocationKind.ModelScope => Revision is { Length: 40 } commit && IsHexadecimal(commit),
        ModelLocationKind.Oci => Revision!.Contains(':', StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Understands a location.</summary>
    /// <exception cref="FormatException">It is none; the message is one sentence.</exception>
    public static ModelLocation Parse(string text) => ModelLocationText.Parse(text);

    /// <summary>A file of a Hugging Face repository.</summary>
    public static ModelLocation HuggingFace(string repository, string file, string revision = ModelLocationText.HuggingFaceRevision) =>
        Parse($"hf://{repository}/{file}@{revision}");

    /// <summary>A file of a ModelScope repository.</summary>
    public static ModelLocation ModelScope(string repository, string file, string revision = ModelLocationText.ModelScopeRevision) =>
        Parse($"ms://{repository}/{file}@{revision}");

    /// <summary>The same model at a revision.</summary>
    /// <exception cref="FormatException">The location states a revision already, or has none; the message is one sentence.</exception>
    public ModelLocation WithRevision(string revision) => Kind is ModelLocationKind.HuggingFace or ModelLocationKind.ModelScope
        ? Text.Contains('@', StringComparison.Ordinal)
            ? throw new FormatException($"'{Text}' states a revision already; give one of the two.")
            : Parse($"{Text}@{revision}")
        : throw new FormatException($"'{Text}' has no revisions; only repositories of Hugging Face and ModelScope have.");

    /// <summary>A file of the repository, or of the folder at an address, that this location names.</summary>
    /// <exception cref="FormatException">The location names a file already, or no place with files; the message is one sentence.</exception>
    public ModelLocation WithFile(string file)
    {
        switch (Kind)
        {
            case ModelLocationKind.HuggingFace or ModelLocationKind.ModelScope when File is null && Quantization is null:
                string scheme = Text[..(Text.IndexOf("://", StringComparison.Ordinal) + 3)];
                string revision = Text.IndexOf('@', StringComparison.Ordinal) is >= 0 and int at ? Text[at..] : "";
                return Parse($"{scheme}{Repository}/{file}{revision}");
            case ModelLocationKind.Http when !NamesFile && RelativePath.IsSafe(file):
                var address = new UriBuilder(Text);
                address.Path += HubAddress.Path(file);
                return Parse(address.Uri.AbsoluteUri);
            default:
                throw new FormatException($"'{Text}' names no repository or folder as a whole, in which '{file}' could be chosen; give one of the two.");
        }
    }

    /// <summary>The address of the file; false for local files, registries, and where no single file is named.</summary>
    public bool TryGetAddress(ModelHubSettings settings, [NotNullWhen(true)] out Uri? address)
    {
        bool exact = File?.Contains('*', StringComparison.Ordinal) is false;
        address = Kind switch
        {
            ModelLocationKind.Http => new Uri(Text),
            ModelLocationKind.HuggingFace when exact => HubAddress.File(settings.HuggingFaceEndpoint, Kind, Repository!, Revision!, File!),
            ModelLocationKind.ModelScope when exact => HubAddress.File(settings.ModelScopeEndpoint, Kind, Repository!, Revision!, File!),
            _ => null,
        };
        return address is not null;
    }

    /// <summary>Opens the one file that the location names for reading by ranges. Nothing is requested yet.</summary>
    /// <param name="client">Made with <see cref="HttpByteRangeSource.CreateHandler"/>; not used for local files.</param>
    /// <param name="settings">Endpoints and tokens.</param>
    /// <param name="options">Block sizes and time limit; its token, where it has one, replaces the settings'.</param>
    /// <exception cref="ByteRangeException">The local file cannot be opened, or the location names no single file.</exception>
    public IByteRangeSource Open(HttpClient client, ModelHubSettings settings, HttpByteRangeOptions? options = null)
    {
        options ??= new HttpByteRangeOptions();
        if (TryGetAddress(settings, out Uri? address))
        {
            return new HttpByteRangeSource(client, address, options with { Token = options.Token ?? settings.TokenFor(address) });
        }

        return Kind == ModelLocationKind.File
            ? FileByteRangeSource.Open(Text)
            : throw new ByteRangeException($"{Text}: names no single file; name one in it.");
    }

    /// <inheritdoc />
    public override string ToString() => Text;

    internal static bool IsHexadecimal(string text) => text.All(char.IsAsciiHexDigit);

    private static int EndOfPath(string address) => address.AsSpan().IndexOfAny('?', '#') is >= 0 and int end ? end : address.Length;
}
