namespace GpuStack.Modeling.Sources;

/// <summary>The addresses that hubs answer at. Pure.</summary>
internal static class HubAddress
{
    /// <summary>A file of a repository; both hubs answer with its bytes, or redirect to them.</summary>
    public static Uri File(Uri endpoint, ModelLocationKind kind, string repository, string revision, string file) => Below(
        endpoint, $"{(kind == ModelLocationKind.ModelScope ? "models/" : "")}{Path(repository)}/resolve/{Uri.EscapeDataString(revision)}/{Path(file)}");

    /// <summary>An address below an endpoint, which may have a path of its own.</summary>
    public static Uri Below(Uri endpoint, string path) => new($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    /// <summary>A path with every part escaped.</summary>
    public static string Path(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    /// <summary>Whether two addresses have the same scheme, host and port.</summary>
    public static bool IsServer(Uri address, Uri endpoint) =>
        Uri.Compare(address, endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
