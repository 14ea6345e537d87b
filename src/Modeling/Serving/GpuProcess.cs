namespace GpuStack.Modeling.Serving;

/// <summary>What a process of vLLM or SGLang takes on its GPU apart from tensors, measured; each is a stated margin, not a law.</summary>
public static class GpuProcess
{
    private static readonly string[] MulticastProducts = ["H100", "H200", "H800", "H20", "B200", "B300"];

    /// <summary>
    /// A bare CUDA context with PyTorch's libraries: 620 MiB on an H200 with PyTorch 2.11 and CUDA 13 (own measurement),
    /// 0.51 GiB in the start lines of vLLM 0.19 on an H100 ("Free memory on device (78.68/79.19 GiB) on startup").
    /// </summary>
    public static Bytes Context { get; } = Bytes.FromMiB(620);

    /// <summary>
    /// NCCL's communicators and buffers of one rank among several. On GPUs behind NVLink switches with multicast NCCL books its buffers
    /// at once: 0.6 to 1.1 GiB on H200 (own measurement: 1732 MiB by default, 1276 MiB with peer-to-peer off, less the context),
    /// 0.9 to 1.5 GiB in the start lines of vLLM 0.19 on H100. Other GPUs: 0 to 0.3 GiB (23.08 of 23.63 GiB free on four RTX 4090,
    /// 22.91 on two RTX 3090).
    /// </summary>
    /// <param name="product">The GPU's product name; null when unknown.</param>
    /// <param name="gpuMemory">The memory of one GPU.</param>
    /// <param name="ranks">Ranks of the group; a single one needs none.</param>
    public static Bytes Nccl(string? product, Bytes gpuMemory, int ranks) =>
        ranks < 2 ? default : HasMulticast(product, gpuMemory) ? Bytes.FromGiB(1) : Bytes.FromGiB(0.2);

    /// <summary>Whether GPUs are Hopper or Blackwell of a data centre, by their product name; without one, GPUs of 70 GiB and more count as such.</summary>
    public static bool HasMulticast(string? product, Bytes gpuMemory) => product is null
        ? gpuMemory >= Bytes.FromGiB(70)
        : Array.Exists(MulticastProducts, name => product.Contains(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// What CUDA reports of a GPU whose label, or <c>nvidia-smi</c>, says so much: the driver keeps some 450 MiB
    /// (H100 81559 against 81091 MiB, RTX 4090 24564 against 24197, A100 81920 against 81152).
    /// </summary>
    public static Bytes VisibleMemory(Bytes labelled) => Bytes.Max(default, labelled - Bytes.FromMiB(450));

    /// <summary>The workspace of cuBLAS that PyTorch keeps: 32 MiB on Hopper and newer (<c>CUBLAS_WORKSPACE_CONFIG :4096:8</c>), less before.</summary>
    public static Bytes CublasWorkspace { get; } = Bytes.FromMiB(32);
}
