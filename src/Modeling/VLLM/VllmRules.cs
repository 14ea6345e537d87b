using GpuStack.Modeling.Serving;

namespace GpuStack.Modeling.VLLM;

/// <summary>
/// Which release of vLLM does what with memory. Read in its sources (<c>vllm/v1/worker/gpu_worker.py</c>, <c>vllm/utils/mem_utils.py</c>,
/// <c>vllm/v1/core/kv_cache_utils.py</c>, <c>vllm/engine/arg_utils.py</c>), from 0.8 to the newest one stored (0.3x, October 2026).
/// <para>
/// All releases: requested = GPU memory × utilization, of the whole GPU and not of what is free; cache = requested − weights −
/// peak of a profiling run − memory outside PyTorch. Differences:
/// before 0.8 (engine V0) the profiling run has as many tokens as the longest request; until 0.6 and from 0.8 to 0.9.1 the CUDA
/// context counts as memory outside PyTorch, as does what other processes hold; until 0.11.0 NCCL does; otherwise neither, so that
/// the process takes more than requested; from 0.21 on the CUDA graphs are taken from the cache as well.
/// </para>
/// </summary>
internal static class VllmRules
{
    /// <summary>The newest release whose rules are known.</summary>
    public static EngineVersion Newest { get; } = new(0, 33);

    /// <summary>Engine V1, with chunked prefill always on.</summary>
    public static bool FixedBatches(EngineVersion version) => version >= new EngineVersion(0, 8);

    /// <summary>The CUDA context is in use before the engine's first look at the memory, so it is not charged to the engine.</summary>
    public static bool ContextIsFree(EngineVersion version) => version >= new EngineVersion(0, 9, 2) || (version >= new EngineVersion(0, 7) && !FixedBatches(version));

    /// <summary>NCCL is set up before the engine's first look at the memory, so it is not charged to the engine.</summary>
    public static bool NcclIsFree(EngineVersion version) => version >= new EngineVersion(0, 11, 1);

    /// <summary>CUDA graphs are profiled, and taken from the cache ("CUDA graph memory profiling is enabled (default since v0.21.0)").</summary>
    public static bool GraphsAreCharged(EngineVersion version) => version >= new EngineVersion(0, 21);

    /// <summary>Decoding has graphs of the whole model beside those of its pieces.</summary>
    public static bool WholeGraphs(EngineVersion version) => version >= new EngineVersion(0, 11);

    /// <summary>The tokens logged are the concurrency times the longest request, and no longer blocks / groups × block size.</summary>
    public static bool TokensFromConcurrency(EngineVersion version) => version >= new EngineVersion(0, 21);

    /// <summary>Experts' buffers come from a workspace that is kept between layers and while sampling (<c>v1/worker/workspace.py</c>).</summary>
    public static bool ExpertWorkspaceIsKept(EngineVersion version) => version >= new EngineVersion(0, 12);

    /// <summary>FlashInfer's fused all-reduce, and its buffers, on Hopper and Blackwell.</summary>
    public static bool FusedAllReduce(EngineVersion version) => version >= new EngineVersion(0, 18);

    /// <summary><c>--gpu-memory-utilization</c> where none is given.</summary>
    public static double DefaultUtilization(EngineVersion version) => version >= new EngineVersion(0, 20) ? 0.92 : 0.9;

    /// <summary>
    /// Bytes for each logit while the sampler is profiled with top-k and top-p on: the logits in 16 bits and in float32, their
    /// probabilities (10) with FlashInfer's kernel; the exponential noise as well (14), and a buffer of the Triton kernel of one row
    /// for each multiprocessor (0.5 at 1024 sequences and 132 multiprocessors), without it; before that kernel a sort: values, 64-bit
    /// indices and both once more for the radix sort's double buffer (38). Confirmed within 1 % by the activation peaks that releases
    /// 0.6 to 0.19 logged.
    /// </summary>
    public static double BytesPerLogit(EngineVersion version, bool? flashInfer)
    {
        bool fused = flashInfer ?? version >= new EngineVersion(0, 21);
        return fused ? 10 : version >= new EngineVersion(0, 17) ? 14.5 : 38;
    }
}
