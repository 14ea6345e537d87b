using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1.Status;

/// <summary>What the operator found and did.</summary>
public sealed class ModelDeploymentStatus
{
    /// <summary>Generation of the spec that this status is about; -1 until there is one.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>Groups that exist.</summary>
    public int? Replicas { get; set; }

    /// <summary>Groups that serve requests.</summary>
    public int? ReadyReplicas { get; set; }

    /// <summary>Groups that run the current spec.</summary>
    public int? UpdatedReplicas { get; set; }

    /// <summary>Label selector of the leaders' pods.</summary>
    [Length(0, 1000)]
    public string? Selector { get; set; }

    /// <summary>URL of the OpenAI-compatible API inside the cluster.</summary>
    [Length(0, 500)]
    public string? Endpoint { get; set; }

    /// <summary>GPUs of all groups.</summary>
    public int? Gpus { get; set; }

    /// <summary>Memory of these GPUs.</summary>
    public Quantity? Vram { get; set; }

    /// <summary>What the model's files say.</summary>
    public ModelStatus? Model { get; set; }

    /// <summary>The engine settings in use.</summary>
    public EngineStatus? Engine { get; set; }

    /// <summary>Memory that one group is estimated to need.</summary>
    public EstimateStatus? Estimate { get; set; }

    /// <summary>The groups.</summary>
    [ListType(ListKind.Map, "index")]
    [Items(0, 1000)]
    public List<GroupStatus>? Groups { get; set; }

    /// <summary>Why nodes were not chosen, grouped by reason.</summary>
    [ListType(ListKind.Atomic)]
    [Items(0, 64)]
    public List<RejectionStatus>? Rejected { get; set; }

    /// <summary>Changes that were tried and make the deployment fit.</summary>
    [ListType(ListKind.Atomic)]
    [Items(0, 16)]
    public List<SuggestionStatus>? Suggestions { get; set; }

    /// <summary>ModelInspected, Planned, Scheduled, Ready, Reconciling and Stalled.</summary>
    [ListType(ListKind.Map, "type")]
    [Items(0, 16)]
    public List<V1Condition>? Conditions { get; set; }
}
