using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Controllers;

namespace GpuStack.Benchmarks.Ingest.Informers;

/// <summary>What is kept of nodes and pods: everything, or what the operator keeps.</summary>
internal static class CachedObjects
{
    public static InformerOptions<V1Node> Nodes(bool whole) => whole ? new() : new() { Projection = CacheTrim.NodeFields, Trim = CacheTrim.Node };

    public static InformerOptions<V1Pod> Pods(bool whole) => whole ? new() : new() { Projection = CacheTrim.PodFields, Trim = CacheTrim.Pod };
}
