namespace GpuStack.Operator.Commands.Demo;

/// <summary>What the command line of <c>demo</c> says.</summary>
internal sealed record DemoOptions
{
    public string? FleetFile { get; init; }
    public string? DeploymentFile { get; init; }
    public string? EventsFile { get; init; }
    public bool Hold { get; init; }
    public bool Json { get; init; }
    public bool Verbose { get; init; }
    public TimeSpan Timeout { get; init; }
}
