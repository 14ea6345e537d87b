namespace GpuStack.Simulator.Cluster.Kubelets.Containers;

/// <summary>When a container runs.</summary>
internal enum ContainerKind
{
    /// <summary>Before the next one, to its end.</summary>
    Init,

    /// <summary>An init container that goes on running (restartPolicy Always).</summary>
    Sidecar,

    Main,
}
