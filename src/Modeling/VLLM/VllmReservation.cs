using GpuStack.Modeling.Serving;

namespace GpuStack.Modeling.VLLM;

/// <summary>What vLLM counts as memory outside PyTorch, and what its process takes without counting it.</summary>
internal static class VllmReservation
{
    /// <summary>
    /// Kernels, libraries' handles and small workspaces loaded during the profiling run: 0.25 to 0.27 GiB logged by 0.19 on one H100,
    /// 0.13 by 0.11 to 0.17, 0.05 to 0.16 before.
    /// </summary>
    private static Bytes Kernels(EngineVersion version) => version >= new EngineVersion(0, 18) ? Bytes.FromGiB(0.25) : Bytes.FromGiB(0.13);

    /// <summary>
    /// The buffers of vLLM's own all-reduce and of NCCL's first use, on each of several tensor-parallel ranks: 0.55 GiB logged by 0.15 on
    /// two H100, less the kernels. Releases that count NCCL have these in it: 0.29 GiB on two A100, 0.25 on two RTX 4090, the kernels included.
    /// </summary>
    private static Bytes Collectives { get; } = Bytes.FromGiB(0.4);

    /// <summary>The same with FlashInfer's fused all-reduce: 2.07 to 2.17 GiB logged by 0.19 on two and four H100, less the kernels.</summary>
    private static Bytes FusedCollectives { get; } = Bytes.FromGiB(1.85);

    /// <summary>Memory outside PyTorch that the engine takes from its cache.</summary>
    public static Bytes Charged(VllmOptions options)
    {
        Bytes sum = Kernels(options.Version);
        if (!VllmRules.ContextIsFree(options.Version))
        {
            sum += GpuProcess.Context + options.MemoryInUse;
        }

        if (!VllmRules.NcclIsFree(options.Version))
        {
            return sum + Nccl(options);
        }

        return options.TensorParallel == 1 ? sum : sum + (FusesAllReduce(options) ? FusedCollectives : Collectives);
    }

    /// <summary>What the process takes beside the memory it asked for.</summary>
    public static Bytes Free(VllmOptions options)
    {
        Bytes sum = VllmRules.ContextIsFree(options.Version) ? GpuProcess.Context : default;
        return VllmRules.NcclIsFree(options.Version) ? sum + Nccl(options) : sum;
    }

    private static Bytes Nccl(VllmOptions options) =>
        GpuProcess.Nccl(options.GpuProduct, options.GpuMemory, options.TensorParallel * options.PipelineParallel);

    private static bool FusesAllReduce(VllmOptions options) =>
        VllmRules.FusedAllReduce(options.Version) && GpuProcess.HasMulticast(options.GpuProduct, options.GpuMemory);
}
