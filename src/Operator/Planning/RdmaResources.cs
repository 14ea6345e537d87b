using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Inspection;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning;

/// <summary>Which RDMA device the pods of a group are given. Pure.</summary>
internal static class RdmaResources
{
    /// <summary>The domain of resources that the RDMA shared device plugin offers.</summary>
    private const string Domain = "rdma/";

    /// <summary>
    /// The resource that the spec names, else the first by name that every node of a plan offers. Only for groups of several pods whose engine
    /// uses NCCL between them: llama.cpp's RPC is TCP.
    /// </summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="findNode">Finds a node; null when there is none of that name.</param>
    public static Func<GroupPlan, string?>? Of(ModelDeployment deployment, Func<string, V1Node?> findNode)
    {
        var rdma = deployment.Spec.Network.Rdma;
        if (rdma.Mode == RdmaMode.Disabled || ModelSource.Engine(deployment.Spec) == EngineType.LlamaCpp)
            return null;
        return plan => plan.Workers.IsEmpty ? null : rdma.ResourceName ?? Common(plan, findNode);
    }

    private static string? Common(GroupPlan plan, Func<string, V1Node?> findNode) => plan.Nodes
        .Select(node => Offered(findNode(node.Node)))
        .Aggregate((common, next) => common.Intersect(next, StringComparer.Ordinal))
        .Order(StringComparer.Ordinal)
        .FirstOrDefault();

    private static IEnumerable<string> Offered(V1Node? node) => (node?.Status?.Allocatable ?? [])
        .Where(resource => resource.Key.StartsWith(Domain, StringComparison.Ordinal) && resource.Value > 0)
        .Select(resource => resource.Key);
}
