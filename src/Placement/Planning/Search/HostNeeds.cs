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

    /// <summary>What a leader's memory grows by with its GPUs; null where it does not.</summary>
    public ProcessMemory? LeaderProcesses { get; init; }

    /// <summary>What the memory of each other pod grows by with its GPUs; null where it does not.</summary>
    public ProcessMemory? WorkerProcesses { get; init; }

    /// <summary>As many of a node's GPUs as its free host memory lets a pod of any role use.</summary>
    public int MostGpus(Bytes free, int gpus) =>
        Math.Min(LeaderProcesses?.MostGpus(free, gpus) ?? gpus, WorkerProcesses?.MostGpus(free, gpus) ?? gpus);
}
