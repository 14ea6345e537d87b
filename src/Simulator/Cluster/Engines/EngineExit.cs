namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>How an engine ended.</summary>
/// <param name="Code">Its exit code; null when a signal ended it.</param>
/// <param name="Signal">The signal.</param>
/// <param name="Reason">In words.</param>
/// <param name="Time">When.</param>
internal sealed record EngineExit(int? Code, int? Signal, string Reason, DateTimeOffset Time = default);
