namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>A supervised engine as the pod network shows it.</summary>
internal sealed record EngineEntry(EngineSpec Spec, EngineState State, string Node);
