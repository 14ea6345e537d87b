using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Fetching;

/// <summary>
/// Where fetched models lie: <c>DIR/hf/OWNER/REPO/COMMIT/FILE</c>, <c>DIR/ms/…</c>, <c>DIR/url/HOST/NAME-HASH/VERSION/FILE</c>. The lock and
/// the manifests of a source lie in the folder above its versions. Deterministic, and no name of a server leads out of it. Pure.
/// </summary>
internal sealed record CacheLayout
{
    public const string PartialSuffix = ".partial";
    public const string StateSuffix = ".partial.json";

    /// <summary>The most bytes of a name in a folder (ext4, XFS and most others: 255), with our own suffix.</summary>
    private const int LongestName = 240;

    private const int LongestReadable = 96;

    private CacheLayout(string sourceFolder, string key)
    {
        SourceFolder = sourceFolder;
        ManifestPath = Path.Combine(sourceFolder, $".fetched-{key}.json");
        LockPath = Path.Combine(sourceFolder, ".lock");
        HolderPath = Path.Combine(sourceFolder, ".lock-holder");
    }

    /// <summary>The folder of all versions of a source.</summary>
    public string SourceFolder { get; }

    /// <summary>What says that the request is fulfilled, and with what.</summary>
    public string ManifestPath { get; }

    /// <summary>The file whose lock a download holds.</summary>
    public string LockPath { get; }

    /// <summary>Who holds it, for those who wait.</summary>
    public string HolderPath { get; }

    /// <summary>The layout for a request.</summary>
    /// <param name="request">What is fetched, and to where.</param>
    /// <param name="settings">The endpoints: the same branch may mean something else at another one.</param>
    public static CacheLayout Of(FetchRequest request, ModelHubSettings settings)
    {
        ModelLocation location = request.Location;
        string root = Path.GetFullPath(request.Directory);
        string[] names = location.Kind switch
        {
            ModelLocationKind.HuggingFace => ["hf", .. location.Repository!.Split('/')],
            ModelLocationKind.ModelScope => ["ms", .. location.Repository!.Split('/')],
            _ => Address(new Uri(location.Text), request.Sha256),
        };
        string? endpoint = location.Kind switch
        {
            ModelLocationKind.HuggingFace => settings.HuggingFaceEndpoint.AbsoluteUri,
            ModelLocationKind.ModelScope => settings.ModelScopeEndpoint.AbsoluteUri,
            _ => null,
        };
        string key = Hash(string.Join('\n', endpoint, location.Repository, location.Revision, location.File, location.Quantization,
            request.Format, request.WithProjector, request.Sha256));
        return new CacheLayout(Path.Combine([root, .. names.Select(SafeName)]), key);
    }

    /// <summary>The folder of a version.</summary>
    public string VersionFolder(string version) => Path.Combine(SourceFolder, SafeName(version));

    /// <summary>The path of a file in a version's folder.</summary>
    /// <exception cref="FetchException">The name cannot be one of a file there.</exception>
    public static string FileIn(string folder, string path)
    {
        if (!CanHold(path))
        {
            throw new FetchException($"{Shown(path)}: a name in the repository leads out of its folder, or cannot be one of a file; rename the file.");
        }

        return Path.Combine(folder, path.Replace('/', Path.DirectorySeparatorChar));
    }

    /// <summary>Whether a path of a repository can be one below a folder, beside the files that fetching itself makes.</summary>
    public static bool CanHold(string path) =>
        RelativePath.IsSafe(path)
        && !path.EndsWith(PartialSuffix, StringComparison.OrdinalIgnoreCase) && !path.EndsWith(StateSuffix, StringComparison.OrdinalIgnoreCase)
        && Array.TrueForAll(path.Split('/'), name => Encoding.UTF8.GetByteCount(name) <= LongestName && !name.EndsWith(' ') && !name.EndsWith('.'));

    /// <summary>
    /// A name that is safe in any file system: letters, digits, dot, dash and underscore. A name that is changed by that, or too long,
    /// ends in a digest of what it was, so that two never become one.
    /// </summary>
    internal static string SafeName(string name)
    {
        var safe = new StringBuilder(Math.Min(name.Length, LongestReadable));
        foreach (char letter in name.AsSpan(0, Math.Min(name.Length, LongestReadable)))
        {
            safe.Append(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' || (letter == '.' && safe.Length > 0) ? letter : '_');
        }

        string readable = safe.ToString();
        return readable == name ? name : $"{readable}-{Hash(name)}";
    }

    /// <summary>
    /// A query may name the file, or sign the address for an hour; only with the content's digest is it certain that it does not matter.
    /// </summary>
    private static string[] Address(Uri address, string? sha256)
    {
        string path = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        string name = Uri.UnescapeDataString(address.Segments[^1].TrimEnd('/'));
        string identity = Hash(sha256 is null ? path + address.Query : path);
        string host = address.IsDefaultPort ? address.IdnHost : string.Create(CultureInfo.InvariantCulture, $"{address.IdnHost}_{address.Port}");
        return ["url", host, $"{SafeName(name)}-{identity}"];
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));

    /// <summary>A stranger's name in a message: short, and without control characters.</summary>
    private static string Shown(string path) => $"'{new string([.. path.Take(120).Select(letter => char.IsControl(letter) ? '?' : letter)])}'";
}
