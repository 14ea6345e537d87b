using System.Text.Json.Serialization;

namespace GpuStack.Operator.Supervision.Status;

/// <summary>How the engine last ended: a code or a signal.</summary>
internal sealed record ExitDocument
{
    [JsonPropertyName("code")]
    public int? Code { get; init; }

    [JsonPropertyName("signal")]
    public int? Signal { get; init; }

    /// <summary>RFC 3339 with microseconds.</summary>
    [JsonPropertyName("time")]
    public string Time { get; init; } = "";

    [JsonPropertyName("reason")]
    public string Reason { get; init; } = "";
}
