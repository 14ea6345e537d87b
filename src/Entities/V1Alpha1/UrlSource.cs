using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>A single model file behind an http or https URL.</summary>
public sealed class UrlSource
{
    /// <summary>Where the file is. Neither it nor its redirects may lead to loopback, link-local or cluster addresses.</summary>
    [Required]
    [Length(8, 2000)]
    [Pattern("^https?://[^\\s]+$")]
    public string Url { get; set; } = "";

    /// <summary>SHA-256 of the file in lower-case hexadecimal. Absent: not checked.</summary>
    [Length(64, 64)]
    [Pattern("^[0-9a-f]{64}$")]
    public string? Sha256 { get; set; }
}
