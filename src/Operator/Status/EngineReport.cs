using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Output;
using GpuStack.Operator.Supervision.Restarts;
using GpuStack.Operator.Supervision.Status;

namespace GpuStack.Operator.Status;

/// <summary>What a pod's supervisor last said of its engine. It comes from a pod and is not trusted: texts are bounded, words may be unknown.</summary>
internal sealed record EngineReport
{
    private const int SigKill = 9;
    private const long MostBytes = 1L << 50;
    private const double MostMiB = 64.0 * 1024 * 1024;
    private const long MostSeconds = 30L * 24 * 3600;

    /// <summary>One of <see cref="SupervisorState"/>, or a word of a later version.</summary>
    public string State { get; init; } = "";

    /// <summary>What it waits for, or what is wrong.</summary>
    public string Message { get; init; } = "";

    /// <summary>Starts of the engine after the first.</summary>
    public int Restarts { get; init; }

    /// <summary>How the engine last ended; empty when it did not.</summary>
    public string LastEnd { get; init; } = "";

    /// <summary>Whether the engine was last killed by somebody else than its supervisor: for lack of memory as a rule.</summary>
    public bool WasKilled { get; init; }

    /// <summary>The engine's own words, when it ended because NCCL failed; null otherwise.</summary>
    public string? NcclFailure { get; init; }

    /// <summary>For how long the engine has said nothing although its weights are loaded and it is not ready; zero when it has not.</summary>
    public TimeSpan Hanging { get; init; }

    /// <summary>The buffers that the engine made; null when it says nothing of them.</summary>
    public EngineBuffers? Buffers { get; init; }

    /// <summary>How far the pod is with fetching its model; null when it does not.</summary>
    public DownloadReport? Download { get; init; }

    /// <summary>Too many restarts in too short a time: the engine is tried once in a long while. A supervisor that merely waits for others has restarted less.</summary>
    public bool GaveUp => State == nameof(SupervisorState.Stalled) && Restarts >= RestartPolicy.FailuresPerWindow;

    /// <summary>Whether another report would tell the deployment's conditions something else; figures for the metrics alone do not.</summary>
    public bool TellsTheSameAs(EngineReport other) => this with { Download = null, Buffers = null } == other with { Download = null, Buffers = null };

    public static EngineReport Of(StatusDocument status)
    {
        var engine = status.Engine ?? new EngineDocument();
        return new EngineReport
        {
            State = StatusAnswer.Plain(status.State),
            Message = StatusAnswer.Plain(status.Message),
            Restarts = Math.Max(0, engine.Restarts),
            LastEnd = StatusAnswer.Plain(engine.LastExit?.Reason),
            // What a supervisor ends has the supervisor's reason, and not the signal's.
            WasKilled = engine.LastExit is { Signal: SigKill, Reason: { } reason } && reason.Contains("ended by signal", StringComparison.Ordinal),
            NcclFailure = status.Nccl?.Failure is { Length: > 0 } failure ? StatusAnswer.Plain(failure) : null,
            Download = status.Download is { } download
                ? new DownloadReport(
                    Math.Clamp(Math.Max(0, download.Total) - Math.Max(0, download.There), 0, MostBytes),
                    double.IsFinite(download.BytesPerSecond) ? Math.Clamp(download.BytesPerSecond, 0, MostBytes) : 0)
                : null,
            Buffers = status.Buffers is { } buffers
                ? new EngineBuffers { Model = Size(buffers.Model), Cache = Size(buffers.Cache), Compute = Size(buffers.Compute), Host = Size(buffers.Host) }
                : null,
            Hanging = TimeSpan.FromSeconds(Math.Clamp(status.Nccl?.HangSeconds ?? 0, 0, MostSeconds)),
        };
    }

    private static double Size(double mebibytes) => double.IsFinite(mebibytes) ? Math.Clamp(mebibytes, 0, MostMiB) : 0;
}
