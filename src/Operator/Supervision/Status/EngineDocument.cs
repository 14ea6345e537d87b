using System.Text.Json.Serialization;

namespace GpuStack.Operator.Supervision.Status;

/// <summary>The engine in <c>/status</c>.</summary>
internal sealed record EngineDocument
{
    [JsonPropertyName("running")]
    public bool Running { get; init; }

    /// <summary>In the container; only while it runs.</summary>
    [JsonPropertyName("pid")]
    public int? Pid { get; init; }

    /// <summary>RFC 3339 with microseconds; only while it runs. Another time is another engine.</summary>
    [JsonPropertyName("startTime")]
    public string? StartTime { get; init; }

    /// <summary>Starts after the first.</summary>
    [JsonPropertyName("restarts")]
    public int Restarts { get; init; }

    [JsonPropertyName("lastExit")]
    public ExitDocument? LastExit { get; init; }
}
