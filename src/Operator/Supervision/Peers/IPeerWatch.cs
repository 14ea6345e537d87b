namespace GpuStack.Operator.Supervision.Peers;

/// <summary>Those that one run of the engine depends on, from its start to its end.</summary>
internal interface IPeerWatch
{
    /// <summary>The start time of the coordinator's engine in this run; null without a group.</summary>
    /// <param name="started">When the own engine started.</param>
    DateTimeOffset? Epoch(DateTimeOffset started);

    /// <summary>Until somebody is lost. Ends by the token otherwise.</summary>
    Task<Verdict> WatchAsync(RunningEngine engine, CancellationToken cancellationToken);

    /// <summary>Once the engine ended by itself: who else is lost, by a last look; null when nobody is.</summary>
    Task<Verdict?> LostAsync(RunningEngine engine, CancellationToken cancellationToken);

    /// <summary>When all that belong together became ready, as a time stamp of the clock; null when they are not.</summary>
    /// <param name="ready">When the own engine was.</param>
    long? WholeSince(long ready);

    /// <summary>Until all that belong together serve requests.</summary>
    /// <param name="ready">When the own engine is ready.</param>
    Task ServingAsync(Task ready);

    /// <summary>At a stop: until nobody needs the own engine for requests in flight any more.</summary>
    Task UnneededAsync(RunningEngine engine, CancellationToken cancellationToken);
}
