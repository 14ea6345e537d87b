namespace GpuStack.Operator.Commands.Demo;

/// <param name="Kind">Where the deployment stands.</param>
/// <param name="Problem">Why it failed.</param>
internal sealed record DemoVerdict(DemoVerdictKind Kind, string? Problem = null)
{
    public static readonly DemoVerdict Pending = new(DemoVerdictKind.Pending);
    public static readonly DemoVerdict Ready = new(DemoVerdictKind.Ready);
}
