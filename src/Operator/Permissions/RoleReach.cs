namespace GpuStack.Operator.Permissions;

/// <summary>Whose objects a role of the operator speaks of.</summary>
internal enum RoleReach
{
    /// <summary>The whole cluster: a ClusterRole, bound in the cluster.</summary>
    Cluster,

    /// <summary>The namespaces that are served: a ClusterRole bound in the cluster, or a Role in each of them.</summary>
    Namespaces,

    /// <summary>The operator's own namespace: a Role there.</summary>
    OwnNamespace,
}
