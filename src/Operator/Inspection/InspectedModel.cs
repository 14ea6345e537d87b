using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Operator.Inspection;

/// <summary>What is known of a model.</summary>
internal sealed record InspectedModel
{
    /// <summary>The facts that memory depends on.</summary>
    public required LlamaCppModel Model { get; init; }

    /// <summary>Where the leader fetches the file; empty when it is on a volume.</summary>
    public string DownloadUrl { get; init; } = "";

    /// <summary>Commit or entity tag that the source's revision meant; empty when the source does not say.</summary>
    public string Revision { get; init; } = "";
}
