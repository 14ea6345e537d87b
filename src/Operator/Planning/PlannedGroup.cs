using System.Text.Json.Serialization;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning;

/// <summary>
/// A decided plan with everything that the group's objects are made of besides the spec: kept in the group's immutable ConfigMap, which is
/// the source of truth. A restarted or upgraded operator finds it there and changes nothing.
/// </summary>
public sealed record PlannedGroup
{
    /// <summary>The file name of the plan in its ConfigMap.</summary>
    public const string FileName = "plan.json";

    /// <summary>The hash of those parts of the spec that planning depends on, and of the model; another hash calls for another plan.</summary>
    public required string InputHash { get; init; }

    /// <summary>Names the model's source as the spec gives it; equal keys need no second inspection.</summary>
    public required string SourceKey { get; init; }

    /// <summary>The options that memory was estimated with, and that the engine is started with.</summary>
    public required LlamaCppOptions Options { get; init; }

    /// <summary>The model's facts.</summary>
    public required LlamaCppModel Model { get; init; }

    /// <summary>The model's file, as the leader fetches it; empty when the file is on a volume.</summary>
    public string DownloadUrl { get; init; } = "";

    /// <summary>What the source's revision meant when it was read: commit, digest or entity tag; empty when it does not say.</summary>
    public string Revision { get; init; } = "";

    /// <summary>Where the group runs.</summary>
    public required GroupPlan Plan { get; init; }

    /// <summary>The group's index.</summary>
    [JsonIgnore]
    public int Index => Plan.Index;

    /// <summary>Names the plan in labels and object names.</summary>
    [JsonIgnore]
    public string Hash => Plan.Hash;
}
