using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1.Status;

/// <summary>Why nodes were not chosen.</summary>
public sealed class RejectionStatus
{
    /// <summary>CamelCase reason, such as TooSmall or AllGpusTaken.</summary>
    [Required]
    [Length(0, 100)]
    public string Reason { get; set; } = "";

    /// <summary>The reason in words, with numbers.</summary>
    [Length(0, 2048)]
    public string? Message { get; set; }

    /// <summary>How many nodes it holds for.</summary>
    public int? Nodes { get; set; }

    /// <summary>Some of these nodes.</summary>
    [ListType(ListKind.Atomic)]
    [Items(0, 10)]
    [Length(0, 253)]
    public List<string>? Examples { get; set; }
}
