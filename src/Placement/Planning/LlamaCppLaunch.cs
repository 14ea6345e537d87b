using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Placement.Planning;

/// <summary>A GGUF model under llama.cpp.</summary>
/// <param name="Model">The model's facts.</param>
/// <param name="Options">What llama-server is started with.</param>
public sealed record LlamaCppLaunch(LlamaCppModel Model, LlamaCppOptions Options) : ModelLaunch
{
    /// <summary>
    /// The most devices that llama.cpp (0.7.0, ggml 0.27.0) takes in one group, those of the RPC workers and the leader's own together. ggml's
    /// scheduler has 16 backends (GGML_SCHED_MAX_BACKENDS in ggml-backend.cpp), the CPU among them, and aborts with more; llama-server refuses
    /// a <c>--tensor-split</c> of 16 entries or more (LLAMA_MAX_DEVICES).
    /// </summary>
    public const int MostDevices = 15;

    /// <inheritdoc/>
    public override PlacementEngine Engine => PlacementEngine.LlamaCpp;

    /// <inheritdoc/>
    public override string ModelName => Model.Name;

    /// <inheritdoc/>
    public override Tokens ContextLength => Options.ContextLength;

    /// <inheritdoc/>
    public override ModelLaunch WithContext(Tokens length) => this with { Options = Options with { ContextLength = length } };

    /// <inheritdoc/>
    public override (ModelLaunch Launch, string KvCacheType)? WithSmallerCache() =>
        Options is { KeyType: KvCacheType.F16 or KvCacheType.BF16 or KvCacheType.F32, FlashAttention: true }
            ? (this with { Options = Options with { KeyType = KvCacheType.Q8_0, ValueType = KvCacheType.Q8_0 } }, "q8_0")
            : null;
}
