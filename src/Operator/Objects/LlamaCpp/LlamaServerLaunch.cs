using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Operator.Objects.LlamaCpp;

/// <summary>Everything that the leader's arguments are made of.</summary>
internal sealed record LlamaServerLaunch
{
    /// <summary>The options that the plan's memory was estimated with.</summary>
    public required LlamaCppOptions Options { get; init; }

    /// <summary>Layers on GPUs, counted from the end of the model (<c>-ngl</c>).</summary>
    public required int GpuLayers { get; init; }

    /// <summary>Layers of each device, RPC devices first (<c>-ts</c>).</summary>
    public required ImmutableArray<int> LayersPerDevice { get; init; }

    /// <summary>Where the workers listen, <c>host:port</c>, in the order of their devices.</summary>
    public required ImmutableArray<string> RpcEndpoints { get; init; }

    /// <summary>The (first) GGUF file.</summary>
    public required string ModelPath { get; init; }

    /// <summary>The name that the API calls the model by.</summary>
    public required string Alias { get; init; }

    /// <summary>The port of the API.</summary>
    public required int Port { get; init; }

    /// <summary>Host memory for the server's prompt cache, in MiB; counted in the leader's memory request.</summary>
    public required long CacheRamMebibytes { get; init; }
}
