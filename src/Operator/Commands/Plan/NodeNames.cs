using GpuStack.Entities.Fleets;
using GpuStack.Entities.Manifests;

namespace GpuStack.Operator.Commands.Plan;

/// <summary>Names to offer while a command line is typed: those of the nodes of a file. No cluster is asked, for a shell waits for the answer.</summary>
internal static class NodeNames
{
    /// <summary>A larger file takes longer to read than a person waits.</summary>
    private const int MostBytes = 16 << 20;

    /// <summary>The names in the order of the file; none when there is no such file, or it cannot be read.</summary>
    public static IEnumerable<string> OfFile(string? file)
    {
        try
        {
            return file is null || new FileInfo(file) is { Exists: false } or { Length: > MostBytes }
                ? []
                : [.. ClusterSnapshot.Read(File.ReadAllText(file), file).Nodes.Select(node => node.Metadata.Name ?? "")];
        }
        catch (Exception exception) when (exception is ManifestException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
