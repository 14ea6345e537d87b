namespace GpuStack.Operator.Supervision.Peers;

/// <summary>Holds the engine's start back until those it cannot run without are there.</summary>
internal interface IPeerGate : IDisposable
{
    /// <summary>Whether failures are waited out here. A follower leaves that to its coordinator: two that back off would wait for each other.</summary>
    bool BacksOff { get; }

    /// <summary>Until the engine may start; returns the watch for that run.</summary>
    Task<IPeerWatch> PassAsync(CancellationToken cancellationToken);
}
