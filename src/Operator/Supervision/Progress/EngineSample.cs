namespace GpuStack.Operator.Supervision.Progress;

/// <summary>One look at the engine's metrics.</summary>
/// <param name="Kind">What came of it.</param>
/// <param name="Processing">Requests that are being processed.</param>
/// <param name="Progress">A figure that changes when the engine moves, and means nothing else.</param>
internal sealed record EngineSample(EngineSampleKind Kind, double Processing = 0, double Progress = 0)
{
    public static EngineSample Unanswered => new(EngineSampleKind.Unanswered);

    public static EngineSample Unreadable => new(EngineSampleKind.Unreadable);

    public static EngineSample Of(double processing, double progress) => new(EngineSampleKind.Values, processing, progress);
}
