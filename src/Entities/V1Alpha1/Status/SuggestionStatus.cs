using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1.Status;

/// <summary>A change that was tried and makes the deployment fit.</summary>
public sealed class SuggestionStatus
{
    /// <summary>What to change.</summary>
    [Required]
    [Length(0, 500)]
    public string Change { get; set; } = "";

    /// <summary>What it leads to.</summary>
    [Length(0, 2048)]
    public string? Effect { get; set; }
}
