using System.Text.Json;
using GpuStack.EndToEnd.Access;
using GpuStack.Entities;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.Manifests;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Simulator;
using GpuStack.Simulator.ApiServer.Admission;
using GpuStack.Simulator.Hub;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>
/// A cluster for one test: the one that GPUSTACK_TEST_KUBECONFIG names, or a simulated one. The test has a namespace and nodes of its own;
/// its nodes carry the label <c>pool</c> with the namespace's name, by which its deployments find them.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly KubernetesJson _json = new(EntitiesJsonContext.Default);
    private readonly List<string> _nodes = [];
    private SimulatedCluster? _simulated;
    private string? _kubeconfig;
    private ModelHubHost _hub = null!;
    private KubernetesClient _client = null!;
    private KubernetesClient? _operatorClient;
    private ActingKubelet? _kubelet;

    public IKubernetesClient Client => _client;

    /// <summary>The operator's way to the cluster: in a simulated one its ServiceAccount, which may do what the generated roles allow.</summary>
    public IKubernetesClient OperatorClient => _operatorClient ?? _client;

    /// <summary>The simulated cluster; null for a given one.</summary>
    public SimulatedCluster? Simulated => _simulated;

    public string Namespace { get; } = $"test-{Guid.NewGuid().ToString("n")[..8]}";

    public Uri HubUrl => _hub.Url;

    /// <summary>Where pods' supervisors answer; empty where there are none.</summary>
    public string SupervisorUrl => _simulated?.SupervisorUrl ?? "";

    /// <summary>Whether every node of the cluster is this test's.</summary>
    public bool IsOwn => _simulated is not null;

    /// <summary>The simulated cluster's state; there is none of a given cluster.</summary>
    public ClusterStore Store => _simulated!.Store;

    /// <summary>Where Services lead that the simulated API server calls.</summary>
    public ServiceEndpoints Services { get; } = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="nodes">How many nodes with one GPU each the test has at first.</param>
    /// <param name="product">The GPUs' product.</param>
    /// <param name="memory">One GPU's memory.</param>
    /// <param name="kubeconfig">The given cluster's kubeconfig; null for what the environment says.</param>
    public static async Task<TestCluster> StartAsync(int nodes, string product = "NVIDIA-L4", string memory = "23034Mi", string? kubeconfig = null)
    {
        kubeconfig ??= Environment.GetEnvironmentVariable("GPUSTACK_TEST_KUBECONFIG");
        var cluster = new TestCluster
        {
            _hub = await ModelHubHost.StartAsync(new ModelHubOptions { Directory = Repository.PathOf("samples", "models") }, Cancellation),
        };
        cluster._kubeconfig = kubeconfig;
        if (kubeconfig is { Length: > 0 })
            cluster._client = new KubernetesClient(KubernetesClientConfiguration.FromFile(kubeconfig), cluster._json);
        else
            await cluster.SimulateAsync();
        await cluster.InstallAsync();
        if (cluster._simulated is null)
            cluster._kubelet = new ActingKubelet(cluster.Client, cluster.Namespace);
        await cluster.AddNodesAsync("gpu", nodes, product, memory);
        return cluster;
    }

    public async Task AddNodesAsync(string group, int count, string product, string memory)
    {
        var fleet = FleetFile.Read($$$"""
            apiVersion: simulator.gpustack.io/v1alpha1
            kind: Fleet
            metadata: {name: fleet}
            spec:
              nodeGroups:
                - name: {{{Namespace}}}-{{{group}}}
                  count: {{{count}}}
                  gpu: {vendor: nvidia, product: {{{product}}}, memory: {{{memory}}}, count: 1, driver: 550.107.02, computeCapability: "8.9"}
                  cpu: "32"
                  memory: 128Gi
                  pods: 110
                  labels: {pool: {{{Namespace}}}}
            """);
        foreach (var node in FleetNodes.Expand(fleet))
            await AddNodeAsync(node, node.Metadata.Name!);
    }

    private async Task AddNodeAsync(V1Node node, string name)
    {
        node.Metadata.Name = name;
        var status = node.Status;
        var created = await Client.CreateAsync(node, Cancellation);
        created.Status = status;
        _nodes.Add(name);
        if (_kubelet is null)
            return;
        // The cluster's own controllers write to a new node, too.
        created.Metadata.ResourceVersion = null;
        await Client.ReplaceStatusAsync(created, Cancellation);
        await _kubelet.AdoptAsync(name, Cancellation);
    }

    /// <summary>A Ready node whose kubelet offers no GPU.</summary>
    public Task AddNodeWithoutGpusAsync(string name) => AddNodeAsync(FleetNodes.Expand(FleetFile.Read($$$"""
        apiVersion: simulator.gpustack.io/v1alpha1
        kind: Fleet
        spec: {nodeGroups: [{name: bare, cpu: "32", memory: 128Gi, labels: {pool: {{{Namespace}}}}}]}
        """))[0], name);

    /// <summary>Applies a deployment with this spec beside its model; the model is the smallest sample.</summary>
    public async Task<ModelDeployment> ApplyAsync(string name, string spec = "", string file = "Llama-3.2-1B-Instruct-GGUF/Llama-3.2-1B-Instruct-Q8_0.gguf")
    {
        var slash = file.LastIndexOf('/');
        return await ApplyYamlAsync(name, $$$"""
            model: {huggingFace: {repository: gpustack/{{{file[..slash]}}}, file: {{{file[(slash + 1)..]}}}}}
            {{{spec}}}
            """);
    }

    public Task<ModelDeployment> ApplyYamlAsync(string name, string spec) =>
        Client.ApplyAsync(ModelDeploymentReader.Read(Manifest(name, spec), "test.yaml"), new ApplyOptions("test", force: true), Cancellation);

    /// <summary>A deployment of the test's namespace; without a placement of its own it is placed on the test's nodes.</summary>
    public string Manifest(string name, string spec)
    {
        var placed = spec.Contains("placement:", StringComparison.Ordinal) ? spec : $$$"""
            {{{spec}}}
            placement: {nodeSelector: {pool: {{{Namespace}}}}}
            """;
        return $"""
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata:
              name: {name}
              namespace: {Namespace}
            spec:
            {string.Join('\n', placed.Split('\n').Select(line => "  " + line))}
            """;
    }

    /// <summary>The file with the cluster's kubeconfig; the test deletes it.</summary>
    public async Task<string> WriteKubeconfigAsync()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, _simulated?.KubeconfigYaml ?? await File.ReadAllTextAsync(_kubeconfig!, Cancellation), Cancellation);
        return file;
    }

    public Task<ModelDeployment> WaitAsync(string name, string type, string status, string? reason = null) => WaitForAsync<ModelDeployment>(
        name,
        deployment => deployment.Status?.ObservedGeneration == deployment.Metadata.Generation
            && deployment.Status?.Conditions?.Exists(condition => condition.Type == type && condition.Status == status && (reason is null || condition.Reason == reason)) is true);

    /// <summary>Waits until an object is as it should be; the failure shows how it was last.</summary>
    public async Task<T> WaitForAsync<T>(string name, Func<T, bool> condition, string? namespaceName = null)
        where T : class, IKubernetesObject
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, Cancellation);
        T? last = null;
        try
        {
            while (true)
            {
                var options = new WatchOptions { FieldSelector = $"metadata.name={name}", Timeout = Patience };
                await foreach (var change in Client.WatchAsync<T>(EntityMetadata.Of<T>().Namespaced ? namespaceName ?? Namespace : null, options, either.Token))
                {
                    if (change.Type is WatchEventType.Bookmark)
                        continue;
                    last = change.Object;
                    if (change.Type != WatchEventType.Deleted && condition(last))
                        return last;
                }
            }
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"{typeof(T).Name} {name} is not what was waited for; last seen: {(last is null ? "nothing" : JsonSerializer.Serialize(last, _json.TypeInfo<T>()))}", exception);
        }
    }

    public async Task WaitUntilGoneAsync<T>(string name)
        where T : class, IKubernetesObject
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, Cancellation);
        var list = await Client.ListAsync<T>(Namespace, new ListOptions { FieldSelector = $"metadata.name={name}" }, either.Token);
        if (list.Items.Count == 0)
            return;
        var options = new WatchOptions { FieldSelector = $"metadata.name={name}", ResourceVersion = list.Metadata.ResourceVersion };
        await foreach (var change in Client.WatchAsync<T>(Namespace, options, either.Token))
        {
            if (change.Type == WatchEventType.Deleted)
                return;
        }
        Assert.Fail($"{typeof(T).Name} {name} is still there.");
    }

    public async Task<IReadOnlyList<T>> ListAsync<T>()
        where T : class, IKubernetesObject => (await Client.ListAsync<T>(Namespace, cancellationToken: Cancellation)).Items;

    public Task TakeNodeDownAsync(string node) => _kubelet?.TakeDownAsync(node, Cancellation) ?? _simulated!.TakeNodeDownAsync(node, Cancellation);

    public Task BringNodeUpAsync(string node) => _kubelet?.BringUpAsync(node, Cancellation) ?? _simulated!.BringNodeUpAsync(node, Cancellation);

    public Task FailPodAsync(string pod)
    {
        if (_kubelet is not null)
            return _kubelet.FailPodAsync(pod, Cancellation);
        _simulated!.FailPod(Namespace, pod);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_kubelet is not null)
        {
            await _kubelet.DisposeAsync();
            foreach (var node in _nodes)
                await Client.DeleteAsync<V1Node>(node, null, cancellationToken: CancellationToken.None);
            await Client.DeleteAsync<V1Namespace>(Namespace, null, cancellationToken: CancellationToken.None);
        }
        _client.Dispose();
        _operatorClient?.Dispose();
        if (_simulated is not null)
            await _simulated.DisposeAsync();
        await _hub.DisposeAsync();
        if (_simulated is not null)
            OperatorAccess.AssertNothingWasRefused(_simulated);
    }

    private async Task SimulateAsync()
    {
        _simulated = await SimulatedCluster.StartAsync(
            new SimulatedClusterOptions { TimeProvider = TimeProvider.System, Https = true, EvaluateAccess = true, EnforceOwnerReferences = true, Services = Services }, Cancellation);
        _client = new KubernetesClient(KubernetesClientConfiguration.FromText(_simulated.KubeconfigYaml), _json);
        _operatorClient = new KubernetesClient(KubernetesClientConfiguration.FromText(OperatorAccess.Install(_simulated)), _json);
    }

    /// <summary>Installs the Prometheus operator's ServiceMonitors.</summary>
    public Task InstallServiceMonitorsAsync() => InstallDefinitionAsync("""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: servicemonitors.monitoring.coreos.com}
        spec:
          group: monitoring.coreos.com
          scope: Namespaced
          names: {kind: ServiceMonitor, listKind: ServiceMonitorList, plural: servicemonitors, singular: servicemonitor}
          versions:
            - name: v1
              served: true
              storage: true
              schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
        """);

    public Task CreateNamespaceAsync(string name) =>
        Client.CreateAsync(new V1Namespace { ApiVersion = "v1", Kind = "Namespace", Metadata = new V1ObjectMeta { Name = name } }, Cancellation);

    private async Task InstallAsync()
    {
        await InstallDefinitionAsync(ModelDeploymentCrd.Yaml);
        await CreateNamespaceAsync(Namespace);
    }

    private async Task InstallDefinitionAsync(string yaml)
    {
        var crd = YamlReader.Read(yaml, "crd")!.Deserialize(_json.TypeInfo<V1CustomResourceDefinition>())!;
        await Client.ApplyAsync(crd, new ApplyOptions("test", force: true), Cancellation);
        await WaitForAsync<V1CustomResourceDefinition>(
            crd.Metadata.Name!,
            seen => seen.Status?.Conditions?.Exists(condition => condition is { Type: "Established", Status: "True" }) is true);
    }
}
