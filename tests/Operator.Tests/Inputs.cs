using GpuStack.Entities.Fleets;
using GpuStack.Entities.Manifests;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Tests;

/// <summary>Deployments, fleets and models for tests.</summary>
internal static class Inputs
{
    public static string Root { get; } = FindRoot();

    /// <summary>A deployment as the API server would hand it out.</summary>
    public static ModelDeployment Deployment(string yaml, string name = "test.yaml")
    {
        var deployment = ModelDeploymentReader.Read(yaml, name);
        deployment.Metadata.Namespace ??= "default";
        deployment.Metadata.Uid ??= "11111111-2222-3333-4444-555555555555";
        deployment.Metadata.Generation ??= 1;
        deployment.Metadata.CreationTimestamp ??= new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return deployment;
    }

    /// <summary>A small deployment with more of a spec.</summary>
    public static ModelDeployment Small(string spec = "", string name = "small", string file = "gpustack/Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q8_0.gguf")
    {
        var slash = file.LastIndexOf('/');
        return Deployment($$$"""
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata: {name: {{{name}}}}
            spec:
              model: {huggingFace: {repository: {{{file[..slash]}}}, file: {{{file[(slash + 1)..]}}}}}
            {{{string.Join('\n', spec.Split('\n').Select(line => "  " + line))}}}
            """);
    }

    public static IReadOnlyList<V1Node> Nodes(string fleetYaml) => FleetNodes.Expand(FleetFile.Read(fleetYaml));

    /// <summary>A fleet of equal nodes with NVIDIA GPUs.</summary>
    public static IReadOnlyList<V1Node> Nodes(string name, int count, string product = "NVIDIA-L4", string memory = "23034Mi", int gpus = 1) => Nodes($$"""
        apiVersion: simulator.gpustack.io/v1alpha1
        kind: Fleet
        metadata: {name: fleet}
        spec:
          nodeGroups:
            - name: {{name}}
              count: {{count}}
              gpu: {vendor: nvidia, product: {{product}}, memory: {{memory}}, count: {{gpus}}, driver: 550.107.02, computeCapability: "8.9"}
              cpu: "32"
              memory: 128Gi
              pods: 110
        """);

    public static Fleet Fleet(IEnumerable<V1Node> nodes) => FleetBuilder.Build(nodes.Select(FleetFacts.From), [], ProductTable.Default);

    /// <summary>The sample model that a deployment names.</summary>
    public static async Task<LlamaCppModel> ModelAsync(ModelDeployment deployment)
    {
        var hub = deployment.Spec.Model.HuggingFace!;
        return await ModelAsync($"{hub.Repository}/{hub.File}");
    }

    public static async Task<LlamaCppModel> ModelAsync(string path)
    {
        await using var source = FileByteRangeSource.Open(Path.Combine(Root, "samples", "models", path));
        return LlamaCppModel.FromGguf(await GgufReader.ReadAsync(source, GgufLimits.Default, TestContext.Current.CancellationToken));
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "GpuStack.Operator.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
