using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.EndToEnd.Access;
using GpuStack.Entities;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.Manifests;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Operator.Hosting;
using GpuStack.Simulator;
using GpuStack.Simulator.Cluster;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Storage;
using GpuStack.Simulator.Timing;

namespace GpuStack.EndToEnd.Recovery;

/// <summary>
/// The real operator and a simulated cluster of its own with the times of a real one, over HTTP, on a virtual clock: nothing happens but in
/// <see cref="AdvanceAsync"/> and the <c>UntilAsync</c> methods, and when these return everything is done.
/// </summary>
internal sealed class RecoveryScene : IAsyncDisposable
{
    public const string Namespace = "default";

    /// <summary>From applied to Ready, image pulls and loading included.</summary>
    public static readonly TimeSpan Startup = TimeSpan.FromMinutes(30);

    /// <summary>How long a model loads.</summary>
    public static readonly TimeSpan Load = TimeSpan.FromMinutes(5);

    /// <summary>How long a node's kubelet is silent before the node is NotReady.</summary>
    public static readonly TimeSpan MonitorGrace = TimeSpan.FromSeconds(50);

    /// <summary>How long pods, and the operator, bear a node that is NotReady.</summary>
    public static readonly TimeSpan Toleration = TimeSpan.FromSeconds(300);

    private static readonly ResourceKey Deployments = new("inference.gpustack.io", "modeldeployments");

    private readonly KubernetesJson _json = new(EntitiesJsonContext.Default);
    private readonly KubernetesClient _client;
    private string _operatorKubeconfig = "";
    private OperatorRun? _operator;

    private RecoveryScene(SimulatedCluster cluster, VirtualClock clock)
    {
        Cluster = cluster;
        Clock = clock;
        _client = new KubernetesClient(KubernetesClientConfiguration.FromText(cluster.KubeconfigYaml), _json, clock);
    }

    public SimulatedCluster Cluster { get; }

    public VirtualClock Clock { get; }

    public SimulatedPods Pods => Cluster.Pods;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="nodes">How many nodes with one GPU each, named <c>gpu-0</c> and so on.</param>
    /// <param name="product">The GPUs' product.</param>
    /// <param name="memory">One GPU's memory.</param>
    /// <param name="kubelets">The times of the nodes; null for those of a real cluster.</param>
    /// <param name="others">Further node groups, one a line.</param>
    public static async Task<RecoveryScene> StartAsync(int nodes, string product = "NVIDIA-L4", string memory = "23034Mi", KubeletBehaviour? kubelets = null, params string[] others)
    {
        var clock = new VirtualClock();
        var fleet = FleetFile.Read($$$"""
            apiVersion: simulator.gpustack.io/v1alpha1
            kind: Fleet
            metadata: {name: fleet}
            spec:
              nodeGroups:
                - {name: gpu, count: {{{nodes}}}, gpu: {vendor: nvidia, product: {{{product}}}, memory: {{{memory}}}, count: 1, driver: 550.107.02, computeCapability: "8.9"}, cpu: "32", memory: 128Gi, pods: 110}
                {{{string.Join("\n    ", others.Select(group => $"- {group}"))}}}
            """);
        var cluster = await SimulatedCluster.StartAsync(
            new SimulatedClusterOptions
            {
                TimeProvider = clock,
                Nodes = [.. FleetNodes.Expand(fleet)],
                HubDirectory = Repository.PathOf("samples", "models"),
                EvaluateAccess = true,
                EnforceOwnerReferences = true,
                Kubelets = kubelets ?? KubeletBehaviour.Realistic with { StartTime = Load, NodeMonitorGrace = MonitorGrace },
            },
            Cancellation);
        var scene = new RecoveryScene(cluster, clock);
        await scene.InstallAsync();
        return scene;
    }

    /// <param name="name">The deployment's name.</param>
    /// <param name="spec">Further lines of the spec.</param>
    /// <param name="file">A file of the sample models, with its repository.</param>
    public async Task ApplyAsync(string name, string spec = "", string file = "Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q8_0.gguf")
    {
        var slash = file.LastIndexOf('/');
        await ApplySpecAsync(name, $"model: {{huggingFace: {{repository: gpustack/{file[..slash]}, file: {file[(slash + 1)..]}}}}}\n{spec}");
    }

    /// <summary>Applies a deployment of vLLM or SGLang whose weights need one GPU, or with 26Gi two.</summary>
    public Task ApplyServingAsync(string name, string engine, string weights = "26Gi", string spec = "") => ApplySpecAsync(name, $$$"""
        model: {image: {reference: "registry.example.com/models/m:1", path: m}, profile: {weightSize: {{{weights}}}, layers: 32, hiddenSize: 4096, attentionHeads: 32, keyValueHeads: 8}}
        engine: {{{{engine}}}, contextLength: 4096}
        {{{spec}}}
        """);

    /// <summary>Applies a deployment of vLLM or SGLang and lets time pass until it is Ready.</summary>
    public async Task<ModelDeployment> BringUpServingAsync(string name, string engine, string weights = "26Gi", string spec = "")
    {
        await ApplyServingAsync(name, engine, weights, spec);
        await UntilAsync(name, IsReady, Startup);
        return Deployment(name)!;
    }

    public async Task ApplySpecAsync(string name, string spec)
    {
        var manifest = $$$"""
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata: {name: {{{name}}}, namespace: {{{Namespace}}}}
            spec:
              {{{spec.ReplaceLineEndings("\n  ")}}}
            """;
        await _client.ApplyAsync(ModelDeploymentReader.Read(manifest, "test.yaml"), new ApplyOptions("test", force: true), Cancellation);
    }

    public Task DeleteAsync(string name) => _client.DeleteAsync<ModelDeployment>(name, Namespace, cancellationToken: Cancellation);

    /// <summary>Sets the replicas as a HorizontalPodAutoscaler does: by the scale subresource.</summary>
    public async Task ScaleAsync(string name, int replicas)
    {
        using var http = new HttpClient { BaseAddress = Cluster.ApiServerUrl };
        using var body = new StringContent($$$"""{"spec":{"replicas":{{{replicas}}}}}""", Encoding.UTF8, "application/merge-patch+json");
        using var answer = await http.PatchAsync($"/apis/inference.gpustack.io/v1alpha1/namespaces/{Namespace}/modeldeployments/{name}/scale", body, Cancellation);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Ends the operator, and starts another one.</summary>
    /// <param name="change">What the other one's settings have that this one's have not.</param>
    public async Task RestartOperatorAsync(Func<OperatorSettings, OperatorSettings>? change = null)
    {
        await _operator!.DisposeAsync();
        _operator = new OperatorRun(Cluster, _operatorKubeconfig, Clock, change ?? (settings => settings));
        await Clock.SettleAsync(Cancellation);
    }

    /// <summary>Applies a deployment and lets time pass until it is Ready.</summary>
    public async Task<ModelDeployment> BringUpAsync(string name, string spec = "", string file = "Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q8_0.gguf")
    {
        await ApplyAsync(name, spec, file);
        await UntilAsync(name, IsReady, Startup);
        return Deployment(name)!;
    }

    /// <summary>A deployment over several nodes: its leader is <c>NAME-0-0</c>, its workers <c>NAME-0-w0-N</c>.</summary>
    public Task<ModelDeployment> BringUpGroupAsync(string name) =>
        BringUpAsync(name, file: "Llama-3.3-70B-Instruct-GGUF/Llama-3.3-70B-Instruct-Q4_K_M.gguf");

    public Task AdvanceAsync(TimeSpan by) => Clock.AdvanceAsync(by, Cancellation);

    /// <summary>Lets time pass until a deployment is as it should be; the failure shows how it was last.</summary>
    public async Task<TimeSpan> UntilAsync(string name, Func<ModelDeployment, bool> condition, TimeSpan within)
    {
        try
        {
            return await Clock.UntilAsync(() => Deployment(name) is { } deployment && condition(deployment), within, Cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{name} is not what was waited for: {exception.Message}\n{Describe(name)}", exception);
        }
    }

    public async Task<TimeSpan> UntilAsync(Func<bool> condition, TimeSpan within) => await Clock.UntilAsync(condition, within, Cancellation);

    public ModelDeployment? Deployment(string name) =>
        Cluster.Store.Get(Deployments, Namespace, name)?.Body.Deserialize(_json.TypeInfo<ModelDeployment>());

    public static bool IsReady(ModelDeployment deployment) => Has(deployment, "Ready", "True");

    /// <summary>Whether a condition of the present generation is so, and for this reason.</summary>
    public static bool Has(ModelDeployment deployment, string type, string status, string? reason = null) =>
        deployment.Status is { } now && now.ObservedGeneration == deployment.Metadata.Generation
        && now.Conditions?.Exists(condition => condition.Type == type && condition.Status == status && (reason is null || condition.Reason == reason)) is true;

    public V1Condition? Condition(string name, string type) => Deployment(name)?.Status?.Conditions?.Find(condition => condition.Type == type);

    /// <summary>Messages of the events about a deployment that have a reason, in no order.</summary>
    public IReadOnlyList<string> Events(string name, string reason) =>
    [
        .. Cluster.Store.List(BuiltInResources.Events, Namespace).Items
            .Where(e => e.Body["involvedObject"]?["name"].AsText() == name && e.Body["reason"].AsText() == reason)
            .Select(e => e.Body["message"].AsText() ?? e.Body["note"].AsText() ?? ""),
    ];

    public bool IsReady(string name) => Deployment(name) is { } deployment && IsReady(deployment);

    public StoredObject? Pod(string name) => Cluster.Store.Get(BuiltInResources.Pods, Namespace, name);

    public string NodeOf(string pod) => Pod(pod)?.Body["spec"]?["nodeName"].AsText() ?? "";

    public bool IsPodReady(string name) => Pod(name) is { IsBeingDeleted: false } pod
        && (pod.Body["status"]?["conditions"] as JsonArray)?.Any(c => c?["type"].AsText() == "Ready" && c["status"].AsText() == "True") == true;

    /// <summary>Restarts of a pod's containers by its kubelet.</summary>
    public long RestartsOf(string pod) => (Pod(pod)?.Body["status"]?["containerStatuses"] as JsonArray)?.Sum(c => c?["restartCount"].AsLong() ?? 0) ?? 0;

    /// <summary>What a deployment's pods are: another text is another pod, another place or another plan.</summary>
    public IReadOnlyList<string> Fingerprint(string name, int? group = null)
    {
        var prefix = group is null ? $"{name}-" : $"{name}-{group}-";
        return
        [
            .. Cluster.Store.List(BuiltInResources.Pods, Namespace).Items.Where(p => p.Name.StartsWith(prefix, StringComparison.Ordinal))
                .Select(p => $"{p.Name} {p.Uid} {p.Body["spec"]?["nodeName"].AsText()}").Order(StringComparer.Ordinal),
            .. (Deployment(name)?.Status?.Groups ?? []).Where(g => group is null || g.Index == group).Select(g => $"plan {g.Index} {g.PlanHash}"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_operator is not null)
            await _operator.DisposeAsync();
        _client.Dispose();
        await Cluster.DisposeAsync();
        OperatorAccess.AssertNothingWasRefused(Cluster);
    }

    private async Task InstallAsync()
    {
        var crd = YamlReader.Read(ModelDeploymentCrd.Yaml, "crd")!.Deserialize(_json.TypeInfo<V1CustomResourceDefinition>())!;
        await _client.ApplyAsync(crd, new ApplyOptions("test", force: true), Cancellation);
        await Clock.SettleAsync(Cancellation);
        _operatorKubeconfig = OperatorAccess.Install(Cluster);
        _operator = new OperatorRun(Cluster, _operatorKubeconfig, Clock, settings => settings);
        await Clock.SettleAsync(Cancellation);
    }

    /// <summary>A deployment's status and all pods, or its pods alone, for messages.</summary>
    public string Describe(string name, bool alone = false)
    {
        var lines = Cluster.Store.List(BuiltInResources.Pods, Namespace).Items
            .Where(p => !alone || p.Name.StartsWith($"{name}-", StringComparison.Ordinal))
            .Select(p => $"{p.Name} on {p.Body["spec"]?["nodeName"].AsText() ?? "no node"}{(p.IsBeingDeleted ? ", being deleted" : "")}: {p.Body["status"]?.ToJsonString()}");
        return $"{Cluster.Store.Get(Deployments, Namespace, name)?.Body["status"]?.ToJsonString()}\n{string.Join('\n', lines)}";
    }
}
