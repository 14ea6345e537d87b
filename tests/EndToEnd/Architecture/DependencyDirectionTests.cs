using System.Xml.Linq;

namespace GpuStack.EndToEnd.Architecture;

/// <summary>Holds the directions of the dependencies that the design binds.</summary>
public sealed class DependencyDirectionTests
{
    private static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["Modeling"] = [],
        ["Kubernetes"] = [],
        ["Placement"] = ["Modeling"],
        ["Entities"] = ["Kubernetes"],
        ["Simulator"] = ["Kubernetes"],
        ["Operator"] = ["Entities", "Kubernetes", "Modeling", "Placement", "Simulator"],
    };

    [Fact]
    public void Every_project_of_src_references_only_what_the_design_allows()
    {
        Dictionary<string, string[]> actual = ProjectsOfSrc().ToDictionary(project => project, ReferencesOf);

        Assert.Equal(AllowedReferences.Keys.Order(), actual.Keys.Order());
        foreach ((string project, string[] references) in actual)
        {
            Assert.Equal(AllowedReferences[project], references);
        }
    }

    [Fact]
    public void Every_project_of_src_has_its_tests()
    {
        Assert.All(ProjectsOfSrc(), project =>
            Assert.True(File.Exists(Repository.PathOf("tests", $"{project}.Tests", $"{project}.Tests.csproj"))));
    }

    [Fact]
    public void Only_the_demo_uses_the_simulator()
    {
        string demo = Repository.PathOf("src", "Operator", "Commands", "Demo") + Path.DirectorySeparatorChar;
        string[] users = [.. SourcesOf("Operator").Where(file => Mentions(file, "GpuStack.Simulator"))];

        Assert.NotEmpty(users);
        Assert.All(users, file => Assert.StartsWith(demo, file, StringComparison.Ordinal));
    }

    /// <summary>The reconciler needs Kubernetes; the types of the API need its models, schemas and nothing that does I/O.</summary>
    [Theory]
    [InlineData("Entities", "GpuStack.Kubernetes.Client")]
    [InlineData("Entities", "GpuStack.Kubernetes.Informers")]
    [InlineData("Entities", "GpuStack.Kubernetes.Controllers")]
    [InlineData("Entities", "System.Net.Http")]
    [InlineData("Placement", "System.Net")]
    [InlineData("Placement", "System.IO.File")]
    [InlineData("Placement", "TimeProvider")]
    public void Pure_rooms_do_no_input_or_output(string project, string forbidden)
    {
        Assert.DoesNotContain(SourcesOf(project), file => Mentions(file, forbidden));
    }

    private static IEnumerable<string> ProjectsOfSrc() =>
        Directory.EnumerateDirectories(Repository.PathOf("src")).Select(folder => Path.GetFileName(folder)!);

    private static string[] ReferencesOf(string project) =>
    [
        .. XDocument.Load(Repository.PathOf("src", project, $"{project}.csproj"))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> SourcesOf(string project) =>
        Directory.EnumerateFiles(Repository.PathOf("src", project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static bool Mentions(string file, string word) =>
        File.ReadAllText(file).Contains(word, StringComparison.Ordinal);
}
