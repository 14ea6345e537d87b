using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Workers;

/// <summary>Who of the workers is missing, why, and since when. Pure; one roll a wait.</summary>
internal sealed record WorkersRoll(ImmutableArray<WorkerEndpoint> Workers, ImmutableArray<DateTimeOffset?> MissingSince, ImmutableArray<string?> Missing)
{
    private const int MaxNamed = 4;

    public static WorkersRoll Of(ImmutableArray<WorkerEndpoint> workers) =>
        new(workers, [.. workers.Select(_ => (DateTimeOffset?)null)], [.. workers.Select(_ => (string?)"not asked yet")]);

    public bool Complete => Missing.All(missing => missing is null);

    /// <summary>The roll after a look at all workers, in their order.</summary>
    public WorkersRoll Observe(DateTimeOffset now, ImmutableArray<WorkerAnswer> answers) => this with
    {
        MissingSince = [.. answers.Select((answer, i) => answer.Ready ? (DateTimeOffset?)null : MissingSince[i] ?? now)],
        Missing = [.. answers.Select(answer => answer.Missing)],
    };

    /// <summary>Names the missing, at most four of them.</summary>
    public string Message
    {
        get
        {
            var missing = Enumerable.Range(0, Workers.Length).Where(i => Missing[i] is not null).ToArray();
            var named = missing.Take(MaxNamed).Select(i => $"{Workers[i]} since {MissingSince[i]:HH:mm:ss}Z ({Missing[i]})");
            var more = missing.Length > MaxNamed ? $" and {missing.Length - MaxNamed} more" : "";
            return $"waiting for {missing.Length} of {Workers.Length} workers: {string.Join(", ", named)}{more}";
        }
    }
}
