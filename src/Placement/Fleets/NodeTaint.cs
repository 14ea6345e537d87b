namespace GpuStack.Placement.Fleets;

/// <summary>A taint of a node, as Kubernetes writes it.</summary>
/// <param name="Key">The taint's key.</param>
/// <param name="Value">Its value; empty when it has none.</param>
/// <param name="Effect"><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</param>
public sealed record NodeTaint(string Key, string Value, string Effect);
