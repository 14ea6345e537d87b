using GpuStack.Modeling;

namespace GpuStack.Placement.Planning.Search;

/// <summary>Host memory of a pod whose engine has a process for each of its GPUs.</summary>
/// <param name="Pod">Of the pod itself, whatever its GPUs.</param>
/// <param name="PerGpu">Of each GPU's process.</param>
internal sealed record ProcessMemory(Bytes Pod, Bytes PerGpu)
{
    public Bytes Of(int gpus) => Pod + (PerGpu * gpus);

    /// <summary>As many of a node's GPUs as its free host memory has processes for; at least 1, which the verdict on the node has looked at.</summary>
    public int MostGpus(Bytes free, int gpus) =>
        PerGpu.Value <= 0 ? gpus : (int)Math.Clamp((free.Value - Pod.Value) / PerGpu.Value, 1, Math.Max(1, gpus));
}
