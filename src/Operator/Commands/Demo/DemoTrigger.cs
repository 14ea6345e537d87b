namespace GpuStack.Operator.Commands.Demo;

/// <summary>
/// When a step happens: after a time since the step before, or once a deployment has a condition:
/// <c>Ready</c>, <c>Planned=False</c>, <c>second/Planned=False</c> (of another deployment than the subject).
/// </summary>
/// <param name="Delay">The time, where it is one.</param>
/// <param name="Deployment">The deployment; null for the subject.</param>
/// <param name="Condition">The condition's type; null for none.</param>
/// <param name="Status">The status wanted.</param>
internal sealed record DemoTrigger(TimeSpan Delay, string? Deployment, string? Condition, string Status)
{
    public static readonly DemoTrigger AtOnce = new(TimeSpan.Zero, null, null, "True");

    public override string ToString() => Condition is null
        ? $"after {Delay.TotalSeconds:0.###} s"
        : $"once {(Deployment is null ? "" : Deployment + " is ")}{Condition}={Status}";
}
