namespace GpuStack.Modeling.Sources;

/// <summary>Files that lie beside another one: in its directory, or under the same address with another last segment.</summary>
public static class SiblingFile
{
    /// <summary>The name of the file that a location names, without what it is in.</summary>
    public static string NameOf(ModelLocation location) =>
        location.Kind == ModelLocationKind.Http ? NameOf(new Uri(location.Text))
        : location.File is { } file ? file[(file.LastIndexOf('/') + 1)..]
        : Path.GetFileName(location.Text);

    /// <summary>The name of the file at an address, without what it is in.</summary>
    public static string NameOf(Uri address) => Uri.UnescapeDataString(address.Segments[^1]);

    /// <summary>The location of the file with a name beside another one, at the same revision.</summary>
    public static ModelLocation Of(ModelLocation location, string name) => location.Kind switch
    {
        ModelLocationKind.Http => ModelLocation.Parse(Of(new Uri(location.Text), name).AbsoluteUri),
        ModelLocationKind.HuggingFace => ModelLocation.HuggingFace(location.Repository!, Replace(location.File!, name), location.Revision!),
        ModelLocationKind.ModelScope => ModelLocation.ModelScope(location.Repository!, Replace(location.File!, name), location.Revision!),
        _ => ModelLocation.Parse(Path.Combine(Path.GetDirectoryName(location.Text) ?? "", name)),
    };

    /// <summary>The address of the file with a name beside another one; the query stays.</summary>
    public static Uri Of(Uri address, string name) => new UriBuilder(address)
    {
        Path = string.Concat(address.Segments[..^1]) + Uri.EscapeDataString(name),
    }.Uri;

    private static string Replace(string file, string name) => file[..(file.LastIndexOf('/') + 1)] + name;
}
