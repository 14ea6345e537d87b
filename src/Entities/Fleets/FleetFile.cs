using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Entities.Fleets;

/// <summary>A fleet: the nodes of a cluster in a few lines, for <c>demo --fleet</c>, <c>plan --nodes</c> and tests.</summary>
/// <param name="Name">Its name; may be empty.</param>
/// <param name="NodeGroups">Groups of equal nodes; at most <see cref="MaxNodes"/> nodes in all.</param>
public sealed record FleetFile(string Name, IReadOnlyList<NodeGroup> NodeGroups)
{
    /// <summary>The API version that the file must carry.</summary>
    public const string ApiVersion = "simulator.gpustack.io/v1alpha1";

    /// <summary>The kind that the file must carry.</summary>
    public const string Kind = "Fleet";

    /// <summary>Most nodes of one fleet.</summary>
    public const int MaxNodes = 20_000;

    /// <summary>Reads a fleet file.</summary>
    /// <param name="yaml">The text, YAML or JSON.</param>
    /// <param name="fileName">Its name as the user gave it, for messages.</param>
    /// <exception cref="ManifestException">One sentence with file, line, field and remedy.</exception>
    public static FleetFile Read(string yaml, string fileName = "fleet")
    {
        var documents = YamlJson.Read(yaml, fileName, YamlLimits.Manifest);
        if (documents.Count != 1) throw new ManifestException($"the file holds {documents.Count} documents; give one {Kind}", fileName);
        return FleetFileReader.Read(documents[0], (field, what) => new ManifestException(what, fileName, YamlLines.Find(yaml, field), field));
    }
}
