using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.Cluster;

/// <summary>A store with a running control plane, without an API server.</summary>
public sealed class RunningCluster : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RunningCluster(KubeletBehaviour? behaviour = null)
    {
        Store = new ClusterStore(Time);
        Plane = new ControlPlane(Store, behaviour);
        _running = Plane.RunAsync(_stop.Token);
    }

    public ManualTime Time { get; } = new();
    public ClusterStore Store { get; }
    public ControlPlane Plane { get; }

    public StoredObject AddNode(string name, int gpus = 0, string? taint = null, string cpu = "8", string pods = "110")
    {
        var node = Json("""{"metadata":{"labels":{}},"spec":{},"status":{"allocatable":{"memory":"32Gi"}}}""");
        node["metadata"]!["name"] = name;
        node["metadata"]!["labels"]!["kubernetes.io/hostname"] = name;
        node["metadata"]!["labels"]!["zone"] = name[..1];
        if (taint is not null)
            node["spec"]!["taints"] = new JsonArray(new JsonObject { ["key"] = taint, ["effect"] = "NoSchedule" });
        var allocatable = node["status"]!["allocatable"]!;
        allocatable["cpu"] = cpu;
        allocatable["pods"] = pods;
        if (gpus > 0)
            allocatable["nvidia.com/gpu"] = gpus.ToString();
        return Store.Create(BuiltInResources.Nodes, node);
    }

    public StoredObject AddPod(string name, string spec = "{}", string? labels = null)
    {
        var pod = Json("""{"metadata":{"namespace":"default"},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
        pod["metadata"]!["name"] = name;
        pod["metadata"]!["labels"] = Json(labels ?? "{}");
        foreach (var (key, value) in Json(spec))
            pod["spec"]![key] = value?.DeepClone();
        return Store.Create(BuiltInResources.Pods, pod);
    }

    public StoredObject AddSet(string name, int replicas, string more = "{}")
    {
        var set = Json("""
            {"metadata":{"name":"NAME","namespace":"default"},"spec":{"serviceName":"NAME",
             "selector":{"matchLabels":{"app":"NAME"}},
             "template":{"metadata":{"labels":{"app":"NAME"}},"spec":{"containers":[{"name":"c","image":"x:1","resources":{"limits":{"cpu":"1"}}}]}}}}
            """.Replace("NAME", name, StringComparison.Ordinal));
        set["spec"]!["replicas"] = replicas;
        foreach (var (key, value) in Json(more))
            set["spec"]![key] = value?.DeepClone();
        return Store.Create(BuiltInResources.StatefulSets, set);
    }

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    public Task<StoredObject> PodAsync(string name, Func<StoredObject, bool> state) => ObjectAsync(BuiltInResources.Pods, "default", name, state);

    public Task<StoredObject> ReadyPodAsync(string name) => PodAsync(name, p => Condition(p, "Ready") == "True" && !p.IsBeingDeleted);

    public async Task<StoredObject> ObjectAsync(ResourceKey resource, string? @namespace, string name, Func<StoredObject, bool> state)
    {
        using var watch = Store.Watch(resource);
        if (watch.Initial.Items.FirstOrDefault(o => o.Name == name && o.Namespace == @namespace && state(o)) is { } present)
            return present;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        await foreach (var change in watch.Events.ReadAllAsync(patience.Token))
        {
            if (change.Type != StoreEventType.Deleted && change.Object.Name == name && change.Object.Namespace == @namespace && state(change.Object))
                return change.Object;
        }
        throw new InvalidOperationException($"{resource} {name} did not come to the expected state.");
    }

    public async Task GoneAsync(ResourceKey resource, string? @namespace, string name)
    {
        using var watch = Store.Watch(resource);
        if (Store.Get(resource, @namespace, name) is null)
            return;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        await foreach (var change in watch.Events.ReadAllAsync(patience.Token))
        {
            if (change.Type == StoreEventType.Deleted && change.Object.Name == name && change.Object.Namespace == @namespace)
                return;
        }
    }

    /// <summary>Moves the clock, in steps, until a state is reached: how many timers lie between is not the test's business.</summary>
    public async Task<T> AdvanceUntilAsync<T>(Task<T> state, TimeSpan step)
    {
        while (!state.IsCompleted)
        {
            Time.Advance(step);
            await Task.WhenAny(state, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
        }
        return await state;
    }

    public static string? Condition(StoredObject stored, string type) => Conditions(stored, type)?["status"]?.GetValue<string>();

    public static JsonNode? Conditions(StoredObject stored, string type) =>
        (stored.Body["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => c!["type"]!.GetValue<string>() == type);

    public static string? NodeOf(StoredObject pod) => pod.Body["spec"]!["nodeName"]?.GetValue<string>();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
