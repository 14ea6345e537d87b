using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using GpuStack.Operator.Supervision.Output;

namespace GpuStack.Operator.Supervision.Status;

/// <summary>The answer of <c>/status</c>. Neither the command line nor the environment is in it.</summary>
internal sealed record StatusDocument
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    [JsonPropertyName("engine")]
    public EngineDocument Engine { get; init; } = new();

    /// <summary>TCP ports in LISTEN in the pod; at most 64, the engine's port among them if it is one.</summary>
    [JsonPropertyName("listening")]
    public ImmutableArray<int> Listening { get; init; } = [];

    /// <summary>One of <see cref="SupervisorState"/>; words of later versions are taken as they are.</summary>
    [JsonPropertyName("state")]
    public string State { get; init; } = "";

    [JsonPropertyName("message")]
    public string Message { get; init; } = "";

    /// <summary>What it does without although all may be well; null for nothing.</summary>
    [JsonPropertyName("note")]
    public string? Note { get; init; }

    /// <summary>
    /// The start time of the coordinator's engine that the engine was started for, the last one when none runs; a coordinator's own.
    /// Null without a group.
    /// </summary>
    [JsonPropertyName("epoch")]
    public string? Epoch { get; init; }

    /// <summary>When the supervisor itself started. Another time is another supervisor, which knows nothing of the former one's engines.</summary>
    [JsonPropertyName("started")]
    public string? Started { get; init; }

    /// <summary>One of <see cref="SupervisorRole"/>.</summary>
    [JsonPropertyName("role")]
    public string? Role { get; init; }

    /// <summary>Only for vLLM and SGLang.</summary>
    [JsonPropertyName("nccl")]
    public NcclDocument? Nccl { get; init; }

    /// <summary>Null while the engine says nothing of its buffers.</summary>
    [JsonPropertyName("buffers")]
    public BuffersDocument? Buffers { get; init; }

    /// <summary>Only while a model is fetched, and before any engine.</summary>
    [JsonPropertyName("download")]
    public DownloadDocument? Download { get; init; }

    /// <summary>Of this program.</summary>
    [JsonPropertyName("version")]
    public string Version { get; init; } = "";

    public static StatusDocument Of(SupervisorSnapshot snapshot, SupervisorRole role, NcclFacts? nccl, ImmutableArray<int> listening, string version) => new()
    {
        Engine = new EngineDocument
        {
            Running = snapshot.Engine is not null,
            Pid = snapshot.Engine?.Pid,
            StartTime = snapshot.Engine is { } engine ? Format(engine.StartTime) : null,
            Restarts = snapshot.Restarts,
            LastExit = snapshot.LastExit is { } exit ? Of(exit) : null,
        },
        Listening = listening,
        State = snapshot.State.ToString(),
        Message = snapshot.Message,
        Note = snapshot.Note,
        Epoch = snapshot.Epoch is { } epoch ? Format(epoch) : null,
        Started = snapshot.Started is { } started ? Format(started) : null,
        Role = role.ToString(),
        Nccl = nccl is null ? null : NcclDocument.Of(nccl),
        Version = version,
    };

    /// <summary>Null when it is no time.</summary>
    public static DateTimeOffset? ParseTime(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static ExitDocument Of(LastExit exit) => new()
    {
        Code = exit.Exit.Signal is null ? exit.Exit.ExitCode : null,
        Signal = exit.Exit.Signal,
        Time = Format(exit.Time),
        Reason = exit.Reason,
    };

    internal static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
}
