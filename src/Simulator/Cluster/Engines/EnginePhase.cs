namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>The states of <c>supervise</c>, by the names that its <c>/status</c> gives them.</summary>
internal enum EnginePhase
{
    Waiting,
    Starting,
    Running,
    BackingOff,
    Stuck,
    Stalled,
    Stopping,
}
