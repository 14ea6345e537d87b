using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

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

    /// <summary>Of this program.</summary>
    [JsonPropertyName("version")]
    public string Version { get; init; } = "";

    public static StatusDocument Of(SupervisorSnapshot snapshot, ImmutableArray<int> listening, string version) => new()
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

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
}
