using GpuStack.Entities.Fleets;
using GpuStack.Entities.Manifests;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>The files of a demo, read and checked.</summary>
/// <param name="FleetName">What the fleet is called in the report.</param>
/// <param name="Nodes">The nodes of the cluster.</param>
/// <param name="Slices">What they offer by dynamic resource allocation.</param>
/// <param name="Deployments">What is applied at the start; the first is the subject.</param>
/// <param name="Events">What happens meanwhile.</param>
internal sealed record DemoInput(
    string FleetName,
    IReadOnlyList<V1Node> Nodes,
    IReadOnlyList<V1ResourceSlice> Slices,
    IReadOnlyList<ModelDeployment> Deployments,
    IReadOnlyList<DemoEvent> Events)
{
    private const string DefaultNamespace = "default";
    private const string DefaultCase = "six-gpus";

    /// <summary>The folder of samples that the build copies next to the program.</summary>
    public static string SamplesFolder => Path.Combine(AppContext.BaseDirectory, "samples");

    /// <exception cref="ManifestException">One sentence with file, field and remedy.</exception>
    /// <exception cref="InputException">A file is missing.</exception>
    public static async Task<DemoInput> ReadAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(SamplesFolder, "cases", DefaultCase);
        var fleetFile = options.FleetFile ?? Path.Combine(folder, "fleet.yaml");
        var deploymentFile = options.DeploymentFile ?? Path.Combine(folder, "deployment.yaml");
        var snapshot = ClusterSnapshot.Read(await InputFile.ReadAsync(fleetFile, cancellationToken), fleetFile);
        var deployments = ReadDeployments(await InputFile.ReadAsync(deploymentFile, cancellationToken), deploymentFile);
        var events = options.EventsFile is { } file
            ? await DemoEventsFile.ReadAsync(await InputFile.ReadAsync(file, cancellationToken), file, snapshot.Nodes, cancellationToken) : [];
        return new DemoInput(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(fleetFile))) ?? fleetFile, snapshot.Nodes, snapshot.Slices, deployments, events);
    }

    /// <summary>All ModelDeployments of a file, with their defaults; the namespace is default where none is given.</summary>
    /// <exception cref="ManifestException">One sentence with file, field and remedy.</exception>
    public static IReadOnlyList<ModelDeployment> ReadDeployments(string text, string file)
    {
        var documents = SplitDocuments(text);
        if (documents.Count == 0)
            throw new ManifestException("the file holds no document; give a ModelDeployment", file);
        var deployments = documents.Select(document => ModelDeploymentReader.Read(document, file)).ToArray();
        foreach (var deployment in deployments)
            deployment.Metadata.Namespace ??= DefaultNamespace;
        return deployments;
    }

    /// <summary>Cuts at document markers, keeping line numbers by leaving the lines before a document empty.</summary>
    private static List<string> SplitDocuments(string text)
    {
        var documents = new List<string>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var start = 0;
        for (var i = 0; i <= lines.Length; i++)
        {
            var isMarker = i < lines.Length && (lines[i] == "---" || lines[i].StartsWith("--- ", StringComparison.Ordinal));
            if (i < lines.Length && !isMarker)
                continue;
            if (lines[start..i].Any(line => line.Trim().Length > 0 && !line.TrimStart().StartsWith('#')))
                documents.Add(new string('\n', start) + string.Join('\n', lines[start..i]));
            start = i + 1;
        }
        return documents;
    }
}
