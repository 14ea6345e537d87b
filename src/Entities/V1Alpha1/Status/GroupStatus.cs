using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1.Status;

/// <summary>One group: a complete copy of the model.</summary>
public sealed class GroupStatus
{
    /// <summary>Number of the group, from 0.</summary>
    [Required]
    public int Index { get; set; }

    /// <summary>The leader.</summary>
    public GroupMemberStatus? Leader { get; set; }

    /// <summary>The workers, in the engine's order.</summary>
    [ListType(ListKind.Atomic)]
    [Items(0, 512)]
    public List<GroupMemberStatus>? Workers { get; set; }

    /// <summary>Layers of each device: the workers' devices, then the leader's (llama.cpp).</summary>
    [ListType(ListKind.Atomic)]
    [Items(0, 4096)]
    public List<int>? LayersPerDevice { get; set; }

    /// <summary>Predicted speed of one request, as a decimal number of tokens per second.</summary>
    [Length(0, 32)]
    public string? PredictedTokensPerSecond { get; set; }

    /// <summary>False where the prediction was never compared with measurements, as with CPU offload.</summary>
    public bool? SpeedCalibrated { get; set; }

    /// <summary>Hash of the plan that the group runs.</summary>
    [Length(0, 64)]
    public string? PlanHash { get; set; }

    /// <summary>Whether the group serves requests.</summary>
    [Required]
    public bool Ready { get; set; }

    /// <summary>Restarts of the group's engines.</summary>
    public int? Restarts { get; set; }

    /// <summary>What the group waits for, or what is wrong.</summary>
    [Length(0, 4096)]
    public string? Message { get; set; }

    /// <summary>What was turned off because NCCL failed: PeerToPeerOff, InfiniBandOff, or Debug when nothing was left.</summary>
    [Length(0, 32)]
    public string? NcclFallback { get; set; }

    /// <summary>Environment that the operator set on the group's GPU pods.</summary>
    [Items(0, 100)]
    [Length(0, 4096)]
    public Dictionary<string, string>? Environment { get; set; }
}
