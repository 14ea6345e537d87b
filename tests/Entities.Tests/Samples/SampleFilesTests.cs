using GpuStack.Entities.Fleets;
using GpuStack.Entities.Manifests;

namespace GpuStack.Entities.Tests.Samples;

/// <summary>What the repository shows as an example must be accepted.</summary>
public sealed class SampleFilesTests
{
    public static TheoryData<string> Deployments => Find("config/samples", "modeldeployment*.yaml", "samples/cases", "deployment.yaml");

    public static TheoryData<string> Fleets => Find("samples/fleets", "*.yaml", "samples/cases", "fleet.yaml");

    [Theory]
    [MemberData(nameof(Deployments))]
    public void Deployment_IsAccepted(string path) => Assert.NotNull(ModelDeploymentReader.Read(Text(path), path));

    [Theory]
    [MemberData(nameof(Fleets))]
    public void Fleet_IsAccepted(string path) => Assert.NotEmpty(ClusterSnapshot.Read(Text(path), path).Nodes);

    private static string Text(string path) => File.ReadAllText(Path.Combine(CaseFiles.RepositoryRoot(), path));

    private static TheoryData<string> Find(params string[] foldersAndPatterns)
    {
        var root = CaseFiles.RepositoryRoot();
        var files = new TheoryData<string>();
        foreach (var pair in foldersAndPatterns.Chunk(2))
        {
            var folder = Path.Combine(root, pair[0]);
            if (!Directory.Exists(folder)) continue;
            foreach (var file in Directory.EnumerateFiles(folder, pair[1], SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                files.Add(Path.GetRelativePath(root, file));
        }
        return files;
    }
}
