using GpuStack.Operator.Supervision.Processes;

namespace GpuStack.RealEngines.Groups;

/// <summary>How a group is run.</summary>
internal sealed record RealGroupOptions
{
    /// <summary>The folder of the llama.cpp programs.</summary>
    public required string Programs { get; init; }

    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>What <c>--stuck-after</c> says; null leaves the default.</summary>
    public TimeSpan? StuckAfter { get; init; }

    /// <summary>The operator's program, as words.</summary>
    public IReadOnlyList<string> Operator { get; init; } = ["dotnet", typeof(PosixProcess).Assembly.Location];
}
