namespace GpuStack.Simulator.Cluster.Control;

/// <summary>A part of the control plane, or all kubelets.</summary>
internal interface ISimulatedController
{
    /// <summary>Runs until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
