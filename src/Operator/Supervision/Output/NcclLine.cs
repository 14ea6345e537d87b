namespace GpuStack.Operator.Supervision.Output;

/// <summary>A line in which NCCL failed, fit to be shown.</summary>
/// <param name="Number">Which line of the run it was, from 1.</param>
/// <param name="Time">When it came.</param>
/// <param name="Text">Bounded and without secrets.</param>
internal sealed record NcclLine(long Number, DateTimeOffset Time, string Text);
