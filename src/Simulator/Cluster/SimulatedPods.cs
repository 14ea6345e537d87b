using System.Collections.Immutable;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Cluster.Kubelets.Containers;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster;

/// <summary>
/// What a test does to the pods of a simulated cluster. Everything takes effect at once; for a pod that no kubelet runs yet nothing happens,
/// except with faults that last.
/// </summary>
public sealed class SimulatedPods
{
    private readonly ClusterStore _store;
    private readonly KubeletPool _kubelets;

    internal SimulatedPods(ClusterStore store, KubeletPool kubelets)
    {
        _store = store;
        _kubelets = kubelets;
    }

    /// <summary>Told of every start of a supervised engine, with the pod's namespace and name. Must be quick: the kubelets wait for it.</summary>
    public Action<string, string>? EngineStarted
    {
        get => _kubelets.EngineStarted;
        set => _kubelets.EngineStarted = value;
    }

    /// <summary>The state that a pod's supervisor gives its engine, by the name that <c>/status</c> has for it; null where no supervisor runs.</summary>
    public string? EngineStateOf(string @namespace, string name) => _kubelets.Engines.Find(new ObjectKey(@namespace, name))?.State.Phase.ToString();

    /// <summary>All containers of a pod end, and are started again as its restart policy says.</summary>
    /// <param name="namespace">The pod's namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="exitCode">Not 0 for a crash.</param>
    /// <param name="message">The termination message; null for none.</param>
    public void CrashContainers(string @namespace, string name, int exitCode = 1, string? message = null) =>
        EndContainers(@namespace, name, null, Termination.Crash(exitCode, message));

    /// <summary>One container of a pod ends, and is started again as the pod's restart policy says.</summary>
    public void CrashContainer(string @namespace, string name, string container, int exitCode = 1, string? message = null) =>
        EndContainers(@namespace, name, container, Termination.Crash(exitCode, message));

    /// <summary>The kernel kills a pod's containers for their use of memory (137, OOMKilled).</summary>
    public void OomKill(string @namespace, string name) => EndContainers(@namespace, name, null, Termination.OutOfMemory);

    /// <summary>The pod fails for good.</summary>
    public void Fail(string @namespace, string name, string reason, string message) => Change(@namespace, name, (run, _, _) => run.Failure = (reason, message));

    /// <summary>The kubelet evicts the pod because its node runs out of memory.</summary>
    public void EvictForPressure(string @namespace, string name) => Fail(
        @namespace, name, "Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 61440Ki. ");

    /// <summary>The engine that the pod's supervisor runs ends.</summary>
    public void CrashEngine(string @namespace, string name, int exitCode = 1, string words = "the engine has ended") =>
        EndEngine(@namespace, name, new EngineExit(exitCode, null, words));

    /// <summary>The engine that the pod's supervisor runs is killed.</summary>
    public void KillEngine(string @namespace, string name, int signal = 9) =>
        EndEngine(@namespace, name, new EngineExit(null, signal, $"the engine was ended by signal {signal}"));

    /// <summary>The engine answers as before and does nothing, until its supervisor has had enough.</summary>
    public void FreezeEngine(string @namespace, string name) => Change(@namespace, name, (run, _, now) =>
    {
        if (run.Engine is { StartTime: not null } engine)
            run.Engine = engine with { FrozenSince = engine.FrozenSince ?? now };
    });

    /// <summary>From now on the pod's engine ends with these words once its weights are loaded; a running one ends at once.</summary>
    /// <param name="namespace">The pod's namespace.</param>
    /// <param name="name">Its name; the next pod of that name is struck, too.</param>
    /// <param name="line">The engine's line about NCCL.</param>
    /// <param name="unless">Variables (name and value) with all of which the engine works; none for never.</param>
    public void NcclFailure(string @namespace, string name, string line, params (string Name, string Value)[] unless)
    {
        var fault = new EngineFault(Hangs: false, line, unless.ToImmutableDictionary(u => u.Name, u => u.Value));
        _kubelets.SetFault(new ObjectKey(@namespace, name), fault);
        Change(@namespace, name, (run, _, now) =>
        {
            if (run is { Engine: { StartTime: not null } engine, EngineSpec: { } spec } && fault.Strikes(spec))
                run.Engine = EngineLife.Failed(spec, engine, new EngineExit(1, null, "the engine has ended"), now) with { NcclFailure = line, NcclFailureTime = now };
        });
    }

    /// <summary>From now on the pod's engine hangs whenever its weights are loaded; one that is ready is not touched.</summary>
    /// <inheritdoc cref="NcclFailure"/>
    public void NcclHang(string @namespace, string name, params (string Name, string Value)[] unless) => _kubelets.SetFault(
        new ObjectKey(@namespace, name), new EngineFault(Hangs: true, "", unless.ToImmutableDictionary(u => u.Name, u => u.Value)));

    /// <summary>Takes a lasting fault of NCCL away; an engine that hangs goes on hanging.</summary>
    public void HealNccl(string @namespace, string name) => _kubelets.SetFault(new ObjectKey(@namespace, name), null);

    /// <summary>Nodes that do not have the image cannot pull it from now on.</summary>
    /// <param name="image">As the pods name it.</param>
    /// <param name="error">The container runtime's words; null for those about an image that does not exist.</param>
    public void FailImagePull(string image, string? error = null) => _kubelets.Images.SetError(
        image, error ?? $"failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found");

    /// <summary>The image can be pulled again; whoever backs off tries when its time has come.</summary>
    public void RestoreImage(string image) => _kubelets.Images.SetError(image, null);

    /// <summary>Runs a pod of somebody else on a node, with some of its GPUs, past the scheduler.</summary>
    public StoredObject RunForeignPod(string @namespace, string name, string node, int gpus, string resource = "nvidia.com/gpu") => _store.Create(BuiltInResources.Pods, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace, ["labels"] = new JsonObject { ["app"] = "foreign" } },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = node,
            ["restartPolicy"] = "Always",
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "main",
                ["image"] = "example.com/foreign:1",
                ["resources"] = new JsonObject
                {
                    ["limits"] = new JsonObject { [resource] = $"{gpus}" },
                    ["requests"] = new JsonObject { [resource] = $"{gpus}" },
                },
            }),
        },
        ["status"] = new JsonObject { ["phase"] = "Pending" },
    });

    private void EndContainers(string @namespace, string name, string? container, Termination how) => Change(@namespace, name, (run, life, now) =>
    {
        for (var i = 0; i < run.Specs.Length; i++)
        {
            if (container is null ? run.Specs[i].IsMain : run.Specs[i].Name == container)
                life.End(run, i, how, now);
        }
    });

    private void EndEngine(string @namespace, string name, EngineExit exit) => Change(@namespace, name, (run, _, now) =>
    {
        if (run is { Engine: { StartTime: not null } engine, EngineSpec: { } spec })
            run.Engine = EngineLife.Failed(spec, engine, exit, now);
    });

    private void Change(string @namespace, string name, Action<PodRun, PodLife, DateTimeOffset> change) => _kubelets.Change(new ObjectKey(@namespace, name), change);
}
