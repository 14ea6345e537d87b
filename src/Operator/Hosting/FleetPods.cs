namespace GpuStack.Operator.Hosting;

/// <summary>Whose pods count as takers of GPUs.</summary>
public enum FleetPods
{
    /// <summary>Those of the whole cluster: the operator must be allowed to see them.</summary>
    Cluster,

    /// <summary>
    /// Those of the namespaces that are served: GPUs that others take look free, so that the nodes should be these namespaces' alone. A pod that
    /// is planned on such a GPU is unschedulable; after the toleration its group is planned anew without that node, where there is another place.
    /// </summary>
    Namespaces,
}
