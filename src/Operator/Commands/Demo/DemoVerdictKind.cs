namespace GpuStack.Operator.Commands.Demo;

/// <summary>Where a deployment stands.</summary>
internal enum DemoVerdictKind
{
    /// <summary>The operator has not come to an end yet.</summary>
    Pending,
    Ready,

    /// <summary>The operator says that it cannot become Ready, and the planner agrees.</summary>
    Failed,
}
