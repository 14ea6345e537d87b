using System.Collections.Immutable;

namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>A supervised engine; what <c>/status</c> tells and what the supervisor remembers.</summary>
internal sealed record EngineState
{
    public EnginePhase Phase { get; init; }

    /// <summary>When the phase ends by itself; null for never.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of the engine that runs; null while none does.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Of the last engine, so that no two have one time.</summary>
    public DateTimeOffset LastStart { get; init; }

    /// <summary>Engines started.</summary>
    public int Starts { get; init; }

    public int Restarts => Math.Max(0, Starts - 1);

    public EngineExit? LastExit { get; init; }

    public bool Ready => ReadySince is not null;

    public DateTimeOffset? ReadySince { get; init; }

    /// <summary>It answers as before and does nothing.</summary>
    public DateTimeOffset? FrozenSince { get; init; }

    public string Message { get; init; } = "";

    public bool WeightsLoaded { get; init; }

    /// <summary>With its weights loaded it waits for others that never answer.</summary>
    public DateTimeOffset? HangsSince { get; init; }

    /// <summary>Its words about NCCL, and when it ended with them.</summary>
    public string? NcclFailure { get; init; }

    public DateTimeOffset? NcclFailureTime { get; init; }

    /// <summary>The start of the coordinator's engine that this one was started for.</summary>
    public DateTimeOffset? Epoch { get; init; }

    /// <summary>Epochs up to this one are over for this pod.</summary>
    public DateTimeOffset? EpochLeft { get; init; }

    /// <summary>The peers' engines that this one works with, by their start.</summary>
    public ImmutableDictionary<string, DateTimeOffset> Partners { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    /// <summary>Peers that do not answer, since when.</summary>
    public ImmutableDictionary<string, DateTimeOffset> Silent { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    /// <summary>Failures of the last hour.</summary>
    public ImmutableArray<DateTimeOffset> Failures { get; init; } = [];

    public int FailuresInARow { get; init; }

    /// <summary>Tried again only every ten minutes.</summary>
    public bool IsStalled { get; init; }

    /// <summary>Whether other supervisors would see another engine than before.</summary>
    public bool LooksLike(EngineState? other) =>
        other is not null && StartTime == other.StartTime && Ready == other.Ready && Epoch == other.Epoch;
}
