using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Operator.Objects.Serving;

/// <summary>
/// The types of <c>spec.engine.kvCacheType</c> in the words of each engine: vLLM has no <c>bf16</c> and SGLang no <c>fp8</c>, and either ends at
/// once when it is given the other's (tests: cases/engine-flags.tsv). Pure.
/// </summary>
internal static class CacheTypeName
{
    public static string Of(EngineType engine, string type) => (engine, type) switch
    {
        (EngineType.VLLM, "bf16") => "bfloat16",
        // What vLLM means by fp8.
        (EngineType.SGLang, "fp8") => "fp8_e4m3",
        _ => type,
    };
}
