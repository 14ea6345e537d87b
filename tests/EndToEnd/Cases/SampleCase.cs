using System.Collections.Concurrent;
using YamlDotNet.RepresentationModel;

namespace GpuStack.EndToEnd.Cases;

/// <summary>One folder of <c>samples/cases</c>.</summary>
internal sealed record SampleCase(string Name)
{
    private static readonly ConcurrentDictionary<string, Task<OperatorProcess.Result>> Demos = new(StringComparer.Ordinal);

    private string Folder => Repository.PathOf("samples", "cases", Name);

    public string Fleet => Path.Combine(Folder, "fleet.yaml");

    public string Deployment => Path.Combine(Folder, "deployment.yaml");

    public string? Events => Path.Combine(Folder, "events.yaml") is var file && File.Exists(file) ? file : null;

    public string Model
    {
        get
        {
            YamlNode source = Load(Deployment)["spec"]["model"]["huggingFace"];
            return Repository.PathOf("samples", "models", source["repository"].ToString(), source["file"].ToString());
        }
    }

    /// <summary>The demo of this case; it runs once however many tests look at it.</summary>
    public Task<OperatorProcess.Result> DemoAsync() => Demos.GetOrAdd(Name, _ => OperatorProcess.RunAsync(
        ["demo", "--fleet", Fleet, "--deployment", Deployment, .. Events is null ? [] : new[] { "--events", Events }, "--output", "json"]));

    public Task<OperatorProcess.Result> PlanAsync() => OperatorProcess.RunAsync(
        "plan", "--nodes", Fleet, "-f", Deployment, "--model", Model, "--output", "json");

    public YamlMappingNode Expected() => Load(Path.Combine(Folder, "expected.yaml"));

    public static IEnumerable<string> Names() =>
        Directory.EnumerateDirectories(Repository.PathOf("samples", "cases")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal);

    private static YamlMappingNode Load(string file)
    {
        YamlStream stream = [];
        using StreamReader reader = File.OpenText(file);
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }
}
