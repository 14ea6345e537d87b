using System.Collections.Frozen;
using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.Operator.Objects.Serving;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Objects;

/// <summary>
/// The ports that pods listen on, which are their node's with <c>network.hostNetwork</c>. They are given by the engines' command lines, so two
/// groups never stand on one node there. Pure.
/// </summary>
internal static class HostPorts
{
    /// <summary>Every port that a pod of a group may ask of its node; what else is taken there is of no interest.</summary>
    public static FrozenSet<int> All { get; } = FrozenSet.Create(
        LeaderPod.ApiPort, LlamaServerArguments.RpcPort, SupervisorProgram.StatusPort, VllmArguments.MasterPort, VllmArguments.RayPort, SglangArguments.InitPort);

    /// <summary>Those of a leader. Where its group may have several nodes, that is not known before the plan: its meeting point counts then.</summary>
    public static ImmutableArray<int> OfLeader(ModelDeploymentSpec spec, EngineType engine) =>
        spec.Placement.Scope is PlacementScope.SingleGpu or PlacementScope.SingleNode || MeetingPoint(spec.Engine, engine) is not { } meeting
            ? [LeaderPod.ApiPort, SupervisorProgram.StatusPort]
            : [LeaderPod.ApiPort, SupervisorProgram.StatusPort, meeting];

    /// <summary>Those of each other pod.</summary>
    public static ImmutableArray<int> OfWorker(EngineType engine) =>
        engine == EngineType.LlamaCpp ? [SupervisorProgram.StatusPort, LlamaServerArguments.RpcPort] : [SupervisorProgram.StatusPort];

    /// <summary>Where the leader of several nodes waits for the others; null where it waits nowhere, or a dedicated head does.</summary>
    public static int? MeetingPoint(EngineSpec spec, EngineType engine) => engine switch
    {
        EngineType.VLLM when GroupMembers.WantsRay(spec) => spec.RayHead == RayHeadType.Dedicated ? null : VllmArguments.RayPort,
        EngineType.VLLM => VllmArguments.MasterPort,
        EngineType.SGLang => SglangArguments.InitPort,
        _ => null,
    };

    /// <summary>What a pod has of its node's ports, of those that matter. The API server gives every port of a pod on its node's network a host port.</summary>
    public static IEnumerable<int> Of(V1PodSpec pod)
    {
        foreach (var container in PodRequests.Lasting(pod))
        {
            foreach (var port in container.Ports ?? [])
            {
                if (port.Protocol is null or "TCP" && (port.HostPort is > 0 ? port.HostPort : pod.HostNetwork is true ? port.ContainerPort : null) is { } number
                    && All.Contains(number))
                    yield return number;
            }
        }
    }
}
