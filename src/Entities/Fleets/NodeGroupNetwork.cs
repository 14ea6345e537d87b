using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Fleets;

/// <summary>The network of each node of a group.</summary>
/// <param name="Bandwidth">Bits per second, such as <c>25G</c>.</param>
/// <param name="Latency">Round trip to another node, such as <c>50us</c>.</param>
public sealed record NodeGroupNetwork(Quantity? Bandwidth, KubernetesDuration? Latency);
