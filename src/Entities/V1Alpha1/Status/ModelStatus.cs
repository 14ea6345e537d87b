using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1.Status;

/// <summary>What the model's files say.</summary>
public sealed class ModelStatus
{
    /// <summary>Short name of the source, such as <c>Qwen/Qwen3-30B-A3B-GGUF</c>.</summary>
    [Length(0, 500)]
    public string? Name { get; set; }

    /// <summary>Commit, digest or entity tag that the source's revision meant when it was read.</summary>
    [Length(0, 200)]
    public string? Revision { get; set; }

    /// <summary>The file, for GGUF models.</summary>
    [Length(0, 500)]
    public string? File { get; set; }

    /// <summary>Format: GGUF or Safetensors.</summary>
    [Length(0, 32)]
    public string? Format { get; set; }

    /// <summary>Architecture.</summary>
    [Length(0, 100)]
    public string? Architecture { get; set; }

    /// <summary>Number of parameters.</summary>
    public long? Parameters { get; set; }

    /// <summary>Transformer blocks, without the output layer.</summary>
    public int? Layers { get; set; }

    /// <summary>Tokens that the model was trained for.</summary>
    public long? ContextLength { get; set; }

    /// <summary>Quantization of the weights, such as <c>Q4_K_M</c>.</summary>
    [Length(0, 64)]
    public string? Quantization { get; set; }

    /// <summary>Bytes to fetch.</summary>
    public Quantity? Size { get; set; }
}
