using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Workers;

/// <summary>
/// Whether the workers of a running engine are still those it connected to. llama-server never reconnects: once a worker's engine is another
/// one, or none, its own must start anew. A worker that merely does not answer has a grace, for the network. Pure.
/// </summary>
internal sealed record WorkersWatch(
    ImmutableArray<WorkerEndpoint> Workers, ImmutableArray<DateTimeOffset> StartTimes, TimeSpan Grace, ImmutableArray<TimeSpan?> SilentSince)
{
    public static WorkersWatch Of(ImmutableArray<WorkerEndpoint> workers, ImmutableArray<DateTimeOffset> startTimes, TimeSpan grace) =>
        new(workers, startTimes, grace, [.. workers.Select(_ => (TimeSpan?)null)]);

    /// <summary>The watch after a look at all workers, in their order, and why the engine must start anew; null when it need not.</summary>
    /// <param name="now">Time since the supervisor's start.</param>
    /// <param name="answers">What they answered.</param>
    public (WorkersWatch Next, string? Lost) Observe(TimeSpan now, ImmutableArray<WorkerAnswer> answers)
    {
        var next = this with { SilentSince = [.. answers.Select((answer, i) => answer.Failure is null ? (TimeSpan?)null : SilentSince[i] ?? now)] };
        for (var i = 0; i < answers.Length; i++)
        {
            if (next.Reason(i, now, answers[i]) is { } reason)
                return (next, $"worker {Workers[i]} {reason}");
        }
        return (next, null);
    }

    private string? Reason(int i, TimeSpan now, WorkerAnswer answer)
    {
        if (answer.Failure is { } failure)
            return now - SilentSince[i] >= Grace ? $"is away for {Grace.TotalSeconds:0.###} s: {failure}" : null;
        if (!answer.Running)
            return "lost its engine";
        return answer.StartTime == StartTimes[i] ? null : $"restarted its engine at {answer.StartTime:HH:mm:ss.fff}Z";
    }
}
