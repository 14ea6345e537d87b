using System.Text.Json.Serialization;
using GpuStack.Operator.Supervision.Output;

namespace GpuStack.Operator.Supervision.Status;

/// <summary>What the engine's own lines tell of NCCL; only of vLLM and SGLang.</summary>
internal sealed record NcclDocument
{
    [JsonPropertyName("weightsLoaded")]
    public bool WeightsLoaded { get; init; }

    /// <summary>The line of the engine that ended last in which NCCL failed, until the next one serves; at most 300 characters.</summary>
    [JsonPropertyName("failure")]
    public string? Failure { get; init; }

    /// <summary>RFC 3339 with microseconds.</summary>
    [JsonPropertyName("failureTime")]
    public string? FailureTime { get; init; }

    /// <summary>Whole seconds.</summary>
    [JsonPropertyName("hangSeconds")]
    public long? HangSeconds { get; init; }

    public static NcclDocument Of(NcclFacts facts) => new()
    {
        WeightsLoaded = facts.WeightsLoaded,
        Failure = facts.Failure,
        FailureTime = facts.FailureTime is { } time ? StatusDocument.Format(time) : null,
        HangSeconds = facts.Hang is { } hang ? (long)hang.TotalSeconds : null,
    };
}
