using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Objects.Serving;

/// <summary>
/// The pods of a group of vLLM or SGLang: which there are, how they are called, and which of them the others follow (decision 0010). Pure.
/// </summary>
internal sealed class GroupMembers
{
    private readonly ModelDeployment _deployment;
    private readonly PlannedGroup _group;

    public GroupMembers(ModelDeployment deployment, PlannedGroup group)
    {
        _deployment = deployment;
        _group = group;
        var name = deployment.Metadata.Name ?? "";
        Leader = Host($"{ObjectName.Leader(name, group.Index)}-0");
        Workers = [.. group.Plan.Workers.Select((_, ordinal) => Host($"{ObjectName.Workers(name, group.Index, shape: 0)}-{ordinal}"))];
        Head = HasHead(deployment, group) ? Host($"{ObjectName.Head(name, group.Index)}-0") : null;
    }

    /// <summary>The host of rank 0.</summary>
    public string Leader { get; }

    /// <summary>The hosts of the further ranks, in order.</summary>
    public ImmutableArray<string> Workers { get; }

    /// <summary>The host of a dedicated Ray head; null without one.</summary>
    public string? Head { get; }

    /// <summary>The host that the others wait for, and that waits for them.</summary>
    public string Coordinator => Head ?? Leader;

    /// <summary>Whether the group's processes find each other by Ray.</summary>
    public bool UsesRay => UsesRayFor(_deployment, _group);

    /// <summary>Whether the group has more than one pod.</summary>
    public bool AreSeveral => Head is not null || !Workers.IsEmpty;

    /// <summary>Whether a pod of its own runs the head of the group's Ray cluster.</summary>
    public static bool HasHead(ModelDeployment deployment, PlannedGroup group) =>
        deployment.Spec.Engine.RayHead == RayHeadType.Dedicated && UsesRayFor(deployment, group);

    /// <summary>What the supervisor of one pod is told of the others.</summary>
    /// <param name="host">The pod's own host; null for one of the workers, which are alike.</param>
    public IEnumerable<string> Options(string? host)
    {
        if (!AreSeveral)
            yield break;
        if (host != Coordinator)
        {
            yield return "--coordinator";
            yield return Coordinator;
            yield break;
        }
        foreach (var follower in Workers.Prepend(Leader).Where(one => one != Coordinator))
        {
            yield return "--follower";
            yield return follower;
        }
    }

    /// <summary>Whether vLLM's processes on several nodes find each other by Ray: where it is asked for; else by the engine's own means, which need no second system beside Kubernetes.</summary>
    public static bool WantsRay(EngineSpec engine) =>
        engine.Distribution == DistributionType.Ray || (engine.Distribution == DistributionType.Auto && engine.RayHead == RayHeadType.Dedicated);

    /// <summary>A group of one pod needs no Ray.</summary>
    private static bool UsesRayFor(ModelDeployment deployment, PlannedGroup group) =>
        group.Engine == EngineType.VLLM && !group.Plan.Workers.IsEmpty && WantsRay(deployment.Spec.Engine);

    private string Host(string pod) => SupervisorProgram.Host(_deployment, _group, pod);
}
