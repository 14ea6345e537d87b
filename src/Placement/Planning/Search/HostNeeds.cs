using GpuStack.Modeling;

namespace GpuStack.Placement.Planning.Search;

/// <summary>What a group's pods ask of their hosts, whatever the engine.</summary>
internal sealed record HostNeeds
{
    /// <summary>CPU of the leader, in millicores.</summary>
    public required long LeaderCpu { get; init; }

    /// <summary>CPU of each other pod, in millicores.</summary>
    public required long WorkerCpu { get; init; }

    /// <summary>Host memory of a leader whose group has one device.</summary>
    public required Bytes LeaderOfOne { get; init; }

    /// <summary>Host memory of a leader whose group has several devices.</summary>
    public required Bytes LeaderOfMany { get; init; }

    /// <summary>Host memory of each other pod.</summary>
    public required Bytes Worker { get; init; }
}
