namespace GpuStack.Operator.Supervision.Output;

/// <summary>What the engine's lines tell of NCCL.</summary>
/// <param name="WeightsLoaded">The engine that runs, or ran last, said that its weights are loaded.</param>
/// <param name="Failure">NCCL's line among the last ones of the engine that ended last; null when it ended without, or the next one serves.</param>
/// <param name="FailureTime">When it said so.</param>
/// <param name="Hang">How long the engine that runs has its weights, is not ready and says nothing; null when that is not so.</param>
internal sealed record NcclFacts(bool WeightsLoaded, string? Failure, DateTimeOffset? FailureTime, TimeSpan? Hang);
