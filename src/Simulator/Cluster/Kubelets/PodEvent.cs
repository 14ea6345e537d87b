namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>An event that a kubelet reports of a pod.</summary>
internal sealed record PodEvent(bool IsWarning, string Reason, string Message);
