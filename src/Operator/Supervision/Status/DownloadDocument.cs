using System.Text.Json.Serialization;
using GpuStack.Modeling.Fetching;

namespace GpuStack.Operator.Supervision.Status;

/// <summary>The model's download in <c>/status</c>, of an init container that fetches.</summary>
internal sealed record DownloadDocument
{
    [JsonPropertyName("thereBytes")]
    public long There { get; init; }

    [JsonPropertyName("totalBytes")]
    public long Total { get; init; }

    [JsonPropertyName("bytesPerSecond")]
    public double BytesPerSecond { get; init; }

    public static DownloadDocument Of(FetchState state) => new() { There = state.There, Total = state.Total, BytesPerSecond = Math.Round(state.BytesPerSecond) };
}
