using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>Explicit parallelism of vLLM and SGLang; the product is the number of GPUs of a group.</summary>
public sealed class ParallelismSpec
{
    /// <summary>GPUs that share each layer; must divide the attention heads. Default: chosen by the planner.</summary>
    [Range(1, 1024)]
    public int? Tensor { get; set; }

    /// <summary>Stages that the layers are split into. Default: chosen by the planner.</summary>
    [Range(1, 1024)]
    public int? Pipeline { get; set; }
}
