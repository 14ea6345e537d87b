namespace GpuStack.Simulator.Cluster.Nodes;

/// <summary>What happens to a node that fails.</summary>
public enum NodeFailure
{
    /// <summary>Nothing runs on it; when it comes back, all containers start anew.</summary>
    PowerLost,

    /// <summary>Its kubelet reports nothing, while what runs on it goes on.</summary>
    KubeletSilent,
}
