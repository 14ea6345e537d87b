using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Plan;

/// <summary>
/// A case of <c>Plan/cases/reasons</c>: a deployment, the objects that <c>kubectl get nodes,pods,pvc,pv,sc,resourceslices -A -o yaml</c>
/// prints (cut to what matters), and what <c>plan</c> is expected to say. The model is the sample whose file the deployment names, else what
/// its profile says.
/// </summary>
internal sealed partial record ReasonCase(string Name, JsonNode Expected, IReadOnlyList<string> Nodes)
{
    private static readonly string Folder = Path.Combine(Inputs.Root, "tests", "Operator.Tests", "Plan", "cases", "reasons");

    public static IEnumerable<string> Names => Directory.GetDirectories(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>The reasons expected; several messages of one reason are several entries.</summary>
    public IEnumerable<(string Reason, int Nodes, string Message)> Rejected =>
        Expected["rejected"]!.AsArray().Select(item => ((string)item!["reason"]!, (int)(long)item["nodes"]!, (string)item["message"]!));

    /// <summary>Each group as <c>NODE xGPUS (MEMORY)</c> of its nodes, the leader first.</summary>
    public IEnumerable<string> Groups => Expected["groups"]!.AsArray().Select(group => (string)group!);

    /// <summary>The changes suggested, in order.</summary>
    public IEnumerable<string> Suggestions => Expected["suggestions"]!.AsArray().Select(change => (string)change!);

    public static ReasonCase Read(string name) => new(
        name,
        Document(name, "expected.yaml"),
        [.. Document(name, "nodes.yaml")["items"]!.AsArray().Where(item => (string?)item!["kind"] == "Node").Select(item => (string)item!["metadata"]!["name"]!)]);

    /// <summary>What <c>plan</c> says, asked about every node too.</summary>
    public async Task<JsonNode> PlanAsync()
    {
        var deployment = Path.Combine(Folder, Name, "deployment.yaml");
        var model = ModelFile().Match(await File.ReadAllTextAsync(deployment, TestContext.Current.CancellationToken)) is { Success: true } file
            ? new[] { "--model", Assert.Single(Directory.GetFiles(Path.Combine(Inputs.Root, "samples", "models"), file.Value, SearchOption.AllDirectories)) }
            : [];
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await GpuStackProgram.RunAsync(
            [
                "plan", "-f", deployment, "--nodes", Path.Combine(Folder, Name, "nodes.yaml"), "--output", "json",
                .. model, .. Nodes.SelectMany(node => new[] { "--explain", node }),
            ],
            "gpustack-operator", output, error);

        Assert.All(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("warning: ", line, StringComparison.Ordinal));
        var plan = JsonNode.Parse(output.ToString())!;
        Assert.Equal((bool)plan["feasible"]! ? 0 : 1, code);
        return plan;
    }

    private static JsonNode Document(string name, string file) =>
        Assert.Single(YamlJson.Read(File.ReadAllText(Path.Combine(Folder, name, file)), file, YamlLimits.Manifest));

    [GeneratedRegex(@"[\w.-]+\.gguf", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ModelFile();
}
