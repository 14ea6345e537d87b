using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.Cluster;
using GpuStack.Simulator.Cluster.Disruption;
using GpuStack.Simulator.Cluster.Network;
using GpuStack.Simulator.Cluster.Nodes;
using GpuStack.Simulator.Hub;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator;

/// <summary>
/// A Kubernetes cluster in this process: an API server over HTTP(S), the controllers, scheduler and kubelets behind it,
/// and a model hub. Nothing runs on its nodes; everything else answers as a real cluster does.
/// </summary>
public sealed class SimulatedCluster : IAsyncDisposable
{
    private readonly ApiServerHost _server;
    private readonly ModelHubHost? _hub;
    private readonly ControlPlane _plane;
    private readonly PodNetworkHost _network;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private SimulatedCluster(ClusterStore store, ApiServerHost server, ModelHubHost? hub, ControlPlane plane, PodNetworkHost network)
    {
        Store = store;
        _server = server;
        _hub = hub;
        _plane = plane;
        _network = network;
        _running = plane.RunAsync(_stop.Token);
    }

    /// <summary>The cluster's state, for looking at it without requests.</summary>
    public ClusterStore Store { get; }

    /// <summary>Where the API server listens.</summary>
    public Uri ApiServerUrl => _server.Url;

    /// <summary>A kubeconfig for the API server.</summary>
    public string KubeconfigYaml => _server.KubeconfigYaml;

    /// <summary>What roles allowed and refused; empty where they are not evaluated.</summary>
    public AccessLog Access => _server.Access;

    /// <summary>A kubeconfig of a ServiceAccount.</summary>
    /// <exception cref="InvalidOperationException">There is no such ServiceAccount.</exception>
    public string ServiceAccountKubeconfigYaml(string @namespace, string name) => _server.ServiceAccountKubeconfigYaml(@namespace, name);

    /// <summary>Where the model hub listens; null without one.</summary>
    public Uri? HubUrl => _hub?.Url;

    /// <summary>
    /// Where pods' supervisors answer, with the placeholders <c>{namespace}</c> and <c>{name}</c>: <c>http://127.0.0.1:PORT/pods/{namespace}/{name}/status</c>.
    /// </summary>
    public string SupervisorUrl => $"{_network.Url.GetLeftPart(UriPartial.Authority)}/pods/{{namespace}}/{{name}}/status";

    /// <summary>What happens to the pods and what runs in them.</summary>
    public SimulatedPods Pods => _plane.Pods;

    /// <summary>Bytes that the hub has sent.</summary>
    public long HubBytesServed => _hub?.BytesServed ?? 0;

    /// <summary>Requests for what is not simulated (answered with 406, 415 or 501).</summary>
    public IReadOnlyList<RequestRecord> UnsupportedRequests => _server.UnsupportedRequests;

    /// <summary>Starts everything.</summary>
    /// <exception cref="InvalidDataException">The hub's folder is wrong.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SimulatedCluster> StartAsync(SimulatedClusterOptions options, CancellationToken cancellationToken = default)
    {
        var store = new ClusterStore(options.TimeProvider, options.HistoryLength);
        var json = new KubernetesJson();
        foreach (var node in options.Nodes)
            store.Create(BuiltInResources.Nodes, JsonSerializer.SerializeToNode(node, json.TypeInfo<V1Node>())!.AsObject());
        foreach (var slice in options.ResourceSlices)
            store.Create(BuiltInResources.ResourceSlices, JsonSerializer.SerializeToNode(slice, json.TypeInfo<V1ResourceSlice>())!.AsObject());
        var hub = options.HubDirectory is { } directory
            ? await ModelHubHost.StartAsync(new ModelHubOptions { Directory = directory }, cancellationToken) : null;
        ApiServerHost? server = null;
        try
        {
            var serving = new ApiServerOptions
            {
                Port = options.Port,
                Https = options.Https,
                EvaluateAccess = options.EvaluateAccess,
                EnforceOwnerReferences = options.EnforceOwnerReferences,
                Services = options.Services,
            };
            server = await ApiServerHost.StartAsync(store, serving, cancellationToken);
            var plane = new ControlPlane(store, options.Kubelets);
            var network = await PodNetworkHost.StartAsync(plane.Engines, plane.Power, options.TimeProvider, cancellationToken);
            return new SimulatedCluster(store, server, hub, plane, network);
        }
        catch
        {
            if (server is not null)
                await server.DisposeAsync();
            if (hub is not null)
                await hub.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a node fail, and waits until the cluster sees it as lost.</summary>
    public async Task TakeNodeDownAsync(string node, CancellationToken cancellationToken = default)
    {
        TakeNodeDown(node);
        await NodeAsync(node, ready: false, cancellationToken);
    }

    /// <summary>Makes a node fail; the cluster notices once its grace is over.</summary>
    public void TakeNodeDown(string node, NodeFailure failure = NodeFailure.PowerLost) => _plane.TakeNodeDown(node, failure);

    /// <summary>Brings a node back.</summary>
    public void BringNodeUp(string node) => _plane.BringNodeUp(node);

    /// <summary>Takes a node out of the cluster; its pods go with it.</summary>
    public void RemoveNode(string node) => Store.Delete(BuiltInResources.Nodes, null, node);

    /// <summary>Keeps new pods away from a node, or lets them come again.</summary>
    public void Cordon(string node, bool isCordoned = true) => _plane.Cordon(node, isCordoned);

    /// <summary>Brings a node back, and waits until it is Ready.</summary>
    public async Task BringNodeUpAsync(string node, CancellationToken cancellationToken = default)
    {
        _plane.BringNodeUp(node);
        await NodeAsync(node, ready: true, cancellationToken);
    }

    /// <summary>Cordons a node and evicts its pods as <c>kubectl drain --force</c> does; it goes on by itself where budgets refuse.</summary>
    public void Drain(string node) => _plane.Drain(node);

    /// <summary>Whether a drained node has none of the pods left that a drain evicts.</summary>
    public bool IsEmpty(string node) => !Drainer.Pods(Store, node).Any();

    /// <summary>Makes the containers of a pod crash once, or the pod fail for good.</summary>
    public void FailPod(string @namespace, string name, bool forGood = false) => _plane.FailPod(@namespace, name, forGood);

    /// <summary>Waits until an object of a resource is in a state; looks at it after every change.</summary>
    /// <returns>The object in that state.</returns>
    public async Task<StoredObject> WaitAsync(
        ResourceKey resource, string? @namespace, string name, Func<StoredObject, bool> state, CancellationToken cancellationToken)
    {
        using var watch = Store.Watch(resource, @namespace);
        if (watch.Initial.Items.FirstOrDefault(o => o.Name == name) is { } present && state(present))
            return present;
        await foreach (var change in watch.Events.ReadAllAsync(cancellationToken))
        {
            if (change.Type != StoreEventType.Deleted && change.Object.Name == name && state(change.Object))
                return change.Object;
        }
        throw new OperationCanceledException($"{resource} is no longer served.");
    }

    /// <summary>Stops everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        await _running;
        await _network.DisposeAsync();
        await _server.DisposeAsync();
        if (_hub is not null)
            await _hub.DisposeAsync();
        _stop.Dispose();
    }

    private Task<StoredObject> NodeAsync(string name, bool ready, CancellationToken cancellationToken) =>
        WaitAsync(BuiltInResources.Nodes, null, name, n => IsReady(n) == ready, cancellationToken);

    private static bool IsReady(StoredObject node) => (node.Body["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>()
        .Any(c => c["type"].AsText() == "Ready" && c["status"].AsText() == "True") == true;
}
