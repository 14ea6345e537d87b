using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.VLLM;

namespace GpuStack.Placement.Planning;

/// <summary>A model under vLLM.</summary>
/// <param name="Served">The model, summed up for estimates.</param>
/// <param name="Options">What the engine is started with; memory and product of the GPU and the parallel sizes are the planner's to fill in.</param>
/// <param name="Demand">What must fit its cache.</param>
public sealed record VllmLaunch(ServedModel Served, VllmOptions Options, ServingDemand Demand) : ModelLaunch
{
    /// <inheritdoc/>
    public override PlacementEngine Engine => PlacementEngine.VLLM;

    /// <inheritdoc/>
    public override string ModelName => Served.Model.Name;

    /// <inheritdoc/>
    public override Tokens ContextLength => Demand.ContextLength;

    /// <inheritdoc/>
    public override ModelLaunch WithContext(Tokens length) =>
        this with { Options = Options with { MaxModelLength = length }, Demand = Demand with { ContextLength = length } };

    /// <inheritdoc/>
    public override (ModelLaunch Launch, string KvCacheType)? WithSmallerCache() =>
        Options.KvCacheType == CacheElement.Auto ? (this with { Options = Options with { KvCacheType = CacheElement.Fp8 } }, "fp8") : null;
}
