using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Cluster.StatefulSets;
using GpuStack.Simulator.Storage;
using GpuStack.Simulator.Timing;

namespace GpuStack.Simulator.Tests.Cluster;

/// <summary>A store with a running control plane on a virtual clock, without an API server. Between its calls everything is done.</summary>
public sealed class VirtualCluster : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public VirtualCluster(KubeletBehaviour? behaviour = null, params string[] nodes)
    {
        Store = new ClusterStore(Clock);
        Plane = new ControlPlane(Store, behaviour ?? new KubeletBehaviour());
        _running = Plane.RunAsync(_stop.Token);
        foreach (var node in nodes.Length == 0 ? ["a"] : nodes)
        {
            var made = RunningCluster.Json("""
                {"metadata":{},"spec":{},"status":{"allocatable":{"cpu":"32","memory":"64Gi","pods":"110","nvidia.com/gpu":"1"}}}
                """);
            made["metadata"]!["name"] = node;
            Store.Create(BuiltInResources.Nodes, made);
        }
    }

    public VirtualClock Clock { get; } = new();
    public ClusterStore Store { get; }
    public ControlPlane Plane { get; }
    public SimulatedPods Pods => Plane.Pods;

    public Task AdvanceAsync(double seconds = 0) => Clock.AdvanceAsync(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);

    /// <summary>Lets time pass until a condition holds; how many seconds that took.</summary>
    public async Task<double> UntilAsync(Func<bool> condition, double within = 3600) =>
        (await Clock.UntilAsync(condition, TimeSpan.FromSeconds(within), TestContext.Current.CancellationToken)).TotalSeconds;

    /// <summary>A pod as admission leaves it, with its first name part as label <c>app</c>.</summary>
    public StoredObject AddPod(string name, string spec)
    {
        var admitted = RunningCluster.Json(spec);
        PodDefaults.Apply(admitted);
        return Store.Create(BuiltInResources.Pods, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["labels"] = new JsonObject { ["app"] = name.Split('-')[0] } },
            ["spec"] = admitted,
        });
    }

    /// <summary>A pod that runs <c>supervise</c> with these options.</summary>
    public StoredObject AddEngine(string name, string options, string env = "[]") => AddPod(name, $$"""
        {"containers":[{"name":"engine","image":"x","command":["/var/lib/gpustack/bin/gpustack-operator","supervise"],
          "args":[{{string.Join(',', options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("--").Append("llama-server").Select(w => $"\"{w}\""))}}],"env":{{env}}}]}
        """);

    public StoredObject? Pod(string name) => Store.Get(BuiltInResources.Pods, "default", name);

    public bool IsReady(string name) => Pod(name) is { IsBeingDeleted: false } pod && RunningCluster.Condition(pod, "Ready") == "True";

    public JsonNode Status(string name) => Pod(name)!.Body["status"]!;

    /// <summary>The status of a pod's container.</summary>
    public JsonNode Container(string name, string? container = null) =>
        (Status(name)["initContainerStatuses"]?.AsArray() ?? []).Concat(Status(name)["containerStatuses"]!.AsArray())
            .Last(c => container is null || c!["name"]!.GetValue<string>() == container)!;

    /// <summary>What a container waits for: reason and message.</summary>
    public (string? Reason, string? Message) Waiting(string name, string? container = null)
    {
        var waiting = Container(name, container)["state"]!["waiting"];
        return (waiting?["reason"].AsText(), waiting?["message"].AsText());
    }

    public IEnumerable<string> Events(string pod) => Store.List(BuiltInResources.Events).Items
        .Where(e => e.Body["involvedObject"]!["name"].AsText() == pod)
        .OrderBy(e => e.ResourceVersion).Select(e => $"{e.Body["reason"].AsText()}: {e.Body["message"].AsText()}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
