using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Placement.Planning;

/// <summary>A GGUF model under llama.cpp.</summary>
/// <param name="Model">The model's facts.</param>
/// <param name="Options">What llama-server is started with.</param>
public sealed record LlamaCppLaunch(LlamaCppModel Model, LlamaCppOptions Options) : ModelLaunch
{
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
