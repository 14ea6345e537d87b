using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Cluster.Kubelets.Containers;

namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>What a kubelet remembers of a pod it runs.</summary>
internal sealed class PodRun(ContainerSpec[] specs)
{
    public required ObjectKey Key { get; init; }
    public required string Uid { get; init; }
    public required string Node { get; init; }
    public required DateTimeOffset Bound { get; init; }
    public required string PodIp { get; init; }

    /// <summary>Always, OnFailure or Never.</summary>
    public required string RestartPolicy { get; init; }

    /// <summary>Init containers first, in the spec's order.</summary>
    public ContainerSpec[] Specs { get; } = specs;

    public ContainerState[] Containers { get; } = [.. specs.Select(_ => ContainerState.New)];

    /// <summary>The one container that runs <c>supervise</c>; -1 for none.</summary>
    public int Supervised { get; } = Array.FindIndex(specs, s => s.Engine is not null);

    /// <summary>Null while that container does not run.</summary>
    public EngineState? Engine { get; set; }

    public EngineSpec? EngineSpec => Supervised < 0 ? null : Specs[Supervised].Engine;

    /// <summary>When the containers of a pod that is being deleted have ended.</summary>
    public DateTimeOffset? EndsAt { get; set; }

    /// <summary>Set when the whole pod failed for good.</summary>
    public (string Reason, string Message)? Failure { get; set; }

    /// <summary>Whether something is to be reported.</summary>
    public bool IsDirty { get; set; } = true;

    /// <summary>The pod's version after the last report.</summary>
    public long Reported { get; set; }

    public bool IsInitialized => Array.TrueForAll(Specs.Zip(Containers).ToArray(), c => c.First.IsMain || (c.First.Kind == ContainerKind.Sidecar ? c.Second.HasRun : c.Second.IsOver));

    public bool IsReady(int container, DateTimeOffset now) => Failure is null && Containers[container] is { IsRunning: true } state
        && (container == Supervised ? Engine is { Ready: true } : now >= state.ReadyAt);
}
