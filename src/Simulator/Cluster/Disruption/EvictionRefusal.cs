namespace GpuStack.Simulator.Cluster.Disruption;

/// <summary>Why a pod is not evicted.</summary>
/// <param name="Code">429, or 500 for what eviction does not support.</param>
/// <param name="Message">The answer's message.</param>
/// <param name="Cause">The message of the cause DisruptionBudget; null for none.</param>
/// <param name="RetryAfterSeconds">When to ask again; null where the server does not say.</param>
internal sealed record EvictionRefusal(int Code, string Message, string? Cause, int? RetryAfterSeconds);
