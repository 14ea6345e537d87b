using System.Collections.Immutable;
using GpuStack.Modeling.Hubs;

namespace GpuStack.Modeling.Fetching;

/// <summary>A model that lies complete in a folder of this machine.</summary>
public sealed record FetchedModel
{
    /// <summary>What an engine is given: a GGUF file (of a split one the first part), or a folder.</summary>
    public required string Path { get; init; }

    /// <summary>The multimodal projector, where it was asked for.</summary>
    public string? ProjectorPath { get; init; }

    /// <summary>Where it comes from, without secrets.</summary>
    public required string Source { get; init; }

    /// <summary>The commit that it is of; null where the place knows none.</summary>
    public string? Commit { get; init; }

    public required ModelFormat Format { get; init; }

    public required ImmutableArray<FetchedFile> Files { get; init; }

    /// <summary>Whether it was there already.</summary>
    public bool WasThere { get; init; }

    /// <summary>Bytes that came over the network for it.</summary>
    public long ReceivedBytes { get; init; }
}
