using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Fetching;

/// <summary>What is to be fetched, and to where.</summary>
public sealed record FetchRequest
{
    /// <summary>The model: of a hub, or an http(s) address.</summary>
    public required ModelLocation Location { get; init; }

    /// <summary>The folder below which models are kept.</summary>
    public required string Directory { get; init; }

    /// <summary>The format that is wanted of a repository that holds both; null: GGUF where there is any.</summary>
    public ModelFormat? Format { get; init; }

    /// <summary>Whether the multimodal projector that goes with a GGUF model is fetched as well.</summary>
    public bool WithProjector { get; init; }

    /// <summary>SHA-256 that the model's one file must have, lower-case hexadecimal; null where it is not known.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Files that are fetched at once.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Asks what a branch or tag means now, although a finished model of that name is there.</summary>
    public bool Refresh { get; init; }
}
