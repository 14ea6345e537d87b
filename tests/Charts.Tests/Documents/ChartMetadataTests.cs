using System.Text.Json.Nodes;
using System.Xml.Linq;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Charts.Tests.Documents;

/// <summary>What Artifact Hub and helm read of the chart.</summary>
public sealed class ChartMetadataTests
{
    private static readonly JsonObject Chart = Repository.ReadYaml(Path.Combine(Repository.Chart, "Chart.yaml"));

    [Fact]
    public void The_application_is_of_the_programs_version()
    {
        var version = XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

        Assert.Equal(version, (string?)Chart["appVersion"]);
        Assert.Equal(version, (string?)Repository.ReadYaml(Repository.PathOf("config", "manager", "kustomization.yaml"))["images"]![0]!["newTag"]);
    }

    [Fact]
    public void Annotations_for_Artifact_Hub_say_what_is_so()
    {
        var values = Repository.ReadYaml(ValuesFile.Path);
        var crd = Repository.ReadYaml(Directory.GetFiles(Path.Combine(Repository.Chart, "files", "crds")).Single());

        Assert.Equal("ai-machine-learning", Annotation("category").GetValue<string>());
        Assert.Contains("Apache License", File.ReadAllText(Repository.PathOf("LICENSE")), StringComparison.Ordinal);
        Assert.Equal("Apache-2.0", Annotation("license").GetValue<string>());
        Assert.Equal($"{values["image"]!["repository"]}:{Chart["appVersion"]}", (string?)Annotation("images")[0]!["image"]);
        Assert.Equal((string?)crd["metadata"]!["name"], (string?)Annotation("crds")[0]!["name"]);
        Assert.Equal((string?)crd["spec"]!["names"]!["kind"], (string?)Annotation("crds")[0]!["kind"]);
        Assert.Equal((string?)crd["spec"]!["versions"]![0]!["name"], (string?)Annotation("crds")[0]!["version"]);
        Assert.Equal("ModelDeployment", (string?)Annotation("crdsExamples")[0]!["kind"]);
        Assert.All(Annotation("changes").AsArray(), change => Assert.Contains((string?)change!["kind"], (string[])["added", "changed", "deprecated", "removed", "fixed", "security"]));
        Assert.All(Annotation("links").AsArray(), link => Assert.StartsWith("https://", (string?)link!["url"], StringComparison.Ordinal));
    }

    private static JsonNode Annotation(string name) =>
        YamlReader.Read($"value: {Text(name)}", name)!["value"]!;

    private static string Text(string name)
    {
        var text = Chart["annotations"]![$"artifacthub.io/{name}"]!.GetValue<string>();
        return text.Contains('\n', StringComparison.Ordinal) ? $"\n  {text.Replace("\n", "\n  ", StringComparison.Ordinal)}" : text;
    }
}
