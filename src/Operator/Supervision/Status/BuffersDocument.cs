using System.Text.Json.Serialization;
using GpuStack.Operator.Supervision.Output;

namespace GpuStack.Operator.Supervision.Status;

/// <summary>The engine's buffers in <c>/status</c>, in MiB; only of a leader of llama.cpp whose engine says them.</summary>
internal sealed record BuffersDocument
{
    /// <summary>Weights on GPUs, those behind RPC workers among them.</summary>
    [JsonPropertyName("modelMiB")]
    public double Model { get; init; }

    /// <summary>KV cache on GPUs.</summary>
    [JsonPropertyName("kvCacheMiB")]
    public double Cache { get; init; }

    /// <summary>Compute buffers on GPUs.</summary>
    [JsonPropertyName("computeMiB")]
    public double Compute { get; init; }

    /// <summary>All buffers on the host.</summary>
    [JsonPropertyName("hostMiB")]
    public double Host { get; init; }

    public static BuffersDocument Of(EngineBuffers buffers) => new() { Model = buffers.Model, Cache = buffers.Cache, Compute = buffers.Compute, Host = buffers.Host };
}
