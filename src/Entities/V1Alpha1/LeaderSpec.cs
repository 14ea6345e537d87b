using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>Where the leader of the group runs.</summary>
public sealed class LeaderSpec
{
    /// <summary>The leader's node. Default: the node of the group with the largest pool of free GPU memory.</summary>
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string? NodeName { get; set; }
}
