namespace GpuStack.Operator.Commands.Demo;

/// <summary>What a step of an events file does.</summary>
internal enum DemoAction
{
    NodeDown,
    NodeUp,
    Drain,
    Apply,
    Delete,
    PodFail,
}
