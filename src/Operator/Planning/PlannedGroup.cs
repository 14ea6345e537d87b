using System.Text.Json.Serialization;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Operator.Objects.Nccl;
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

    /// <summary>The options that memory was estimated with, and that llama.cpp is started with; null for other engines.</summary>
    public LlamaCppOptions? Options { get; init; }

    /// <summary>The facts of a GGUF model; null for other engines.</summary>
    public LlamaCppModel? Model { get; init; }

    /// <summary>What vLLM or SGLang serves; null for llama.cpp.</summary>
    public ServedGroup? Serving { get; init; }

    /// <summary>How far NCCL was turned down because it failed; null for not at all.</summary>
    public NcclFallback? Fallback { get; init; }

    /// <summary>The engine's words at the failure that <see cref="Fallback"/> answers; null without one.</summary>
    public string? FallbackReason { get; init; }

    /// <summary>The hash of the spec's part about pods that <see cref="Fallback"/> was found for: another spec begins anew.</summary>
    public string? FallbackSpec { get; init; }

    /// <summary>The extended resource of the RDMA device that every pod of the group is given; null for none.</summary>
    public string? RdmaResource { get; init; }

    /// <summary>The address of a GGUF model's (first) file; empty for folders, and when the model is on a volume.</summary>
    public string DownloadUrl { get; init; } = "";

    /// <summary>What the source's revision meant when it was read: commit, digest or entity tag; empty when it does not say.</summary>
    public string Revision { get; init; } = "";

    /// <summary>Where the group runs.</summary>
    public required GroupPlan Plan { get; init; }

    /// <summary>The group's index.</summary>
    [JsonIgnore]
    public int Index => Plan.Index;

    /// <summary>The engine.</summary>
    [JsonIgnore]
    public EngineType Engine => Serving?.Engine ?? EngineType.LlamaCpp;

    /// <summary>Bytes of weights that are fetched and loaded.</summary>
    [JsonIgnore]
    public long WeightBytes => Serving?.Model.WeightSize.Value ?? Model?.TotalWeightBytes.Value ?? 0;

    /// <summary>Names the plan in labels and object names.</summary>
    [JsonIgnore]
    public string Hash => Plan.Hash;
}
