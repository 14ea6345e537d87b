using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Output;

/// <summary>What is remembered of the lines of one run of the engine. Pure: each line gives the next record.</summary>
internal sealed record OutputRecord
{
    /// <summary>What counts as an engine's last words: tracebacks of eight ranks follow the line that tells.</summary>
    public const int LastLines = 400;

    private const int MaxFailures = 32;

    public static OutputRecord Started(DateTimeOffset now) => new() { LastWord = now };

    public bool WeightsLoaded { get; private init; }

    /// <summary>The last line that was a sign of life, or the engine's start.</summary>
    public DateTimeOffset LastWord { get; private init; }

    /// <summary>All lines so far.</summary>
    public long Lines { get; private init; }

    /// <summary>NCCL's failures among the last lines, oldest first.</summary>
    public ImmutableQueue<NcclLine> Failures { get; private init; } = [];

    /// <summary>The buffers that the engine said it made; null when it said nothing of them.</summary>
    public EngineBuffers? Buffers { get; private init; }

    private int FailureCount { get; init; }

    public OutputRecord Observe(DateTimeOffset now, string line, string? secret)
    {
        var next = this with
        {
            Lines = Lines + 1,
            LastWord = EngineWords.IsIdleTalk(line) ? LastWord : now,
            WeightsLoaded = WeightsLoaded || EngineWords.IsWeightsLoaded(line),
        };
        if (BufferLine.Of(line) is { } buffer)
            return next with { Buffers = (Buffers ?? new EngineBuffers()).With(buffer) };
        if (!EngineWords.IsNcclFailure(line))
            return next;
        var failures = Failures.Enqueue(new NcclLine(next.Lines, now, SecretCut.Of(line, secret)));
        // The first of many tells most: the others are what it caused.
        return FailureCount < MaxFailures
            ? next with { Failures = failures, FailureCount = FailureCount + 1 }
            : next with { Failures = failures.Dequeue() };
    }

    /// <summary>The first of NCCL's failures among the last lines; null when there is none.</summary>
    public NcclLine? LastFailure()
    {
        foreach (var failure in Failures)
        {
            if (Lines - failure.Number < LastLines)
                return failure;
        }
        return null;
    }
}
