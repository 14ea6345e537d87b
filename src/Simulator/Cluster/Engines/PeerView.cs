namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>What another pod's <c>/status</c> answers.</summary>
/// <param name="StartTime">Of its engine; null while none runs.</param>
/// <param name="Serves">Whether the engine is ready.</param>
/// <param name="Epoch">The start of the coordinator's engine that it was started for.</param>
internal sealed record PeerView(DateTimeOffset? StartTime, bool Serves, DateTimeOffset? Epoch)
{
    public static PeerView Of(EngineState state) =>
        new(state.StartTime, state.Ready, state.Epoch);
}
