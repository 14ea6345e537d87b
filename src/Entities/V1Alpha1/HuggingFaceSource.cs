using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>A repository of Hugging Face, or of a mirror that answers alike.</summary>
public sealed class HuggingFaceSource
{
    /// <summary>Owner and name, such as <c>Qwen/Qwen3-30B-A3B-GGUF</c>.</summary>
    [Required]
    [Length(3, 200)]
    [Pattern("^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$")]
    public string Repository { get; set; } = "";

    /// <summary>Branch, tag or commit. The commit that it meant stands in the status.</summary>
    [Length(1, 200)]
    [Pattern("^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
    public string Revision { get; set; } = "main";

    /// <summary>
    /// The file in the repository, for GGUF models; of a split model the first part. A pattern such as <c>model-Q4*.gguf</c> or a folder
    /// chooses among several. Absent: in a repository whose name ends in GGUF the model of Q4_K_M, else of Q8_0, else the first one; of
    /// other repositories the whole, in safetensors format.
    /// </summary>
    [Length(1, 500)]
    [Pattern("^[A-Za-z0-9*][A-Za-z0-9*._/-]*$")]
    public string? File { get; set; }
}
