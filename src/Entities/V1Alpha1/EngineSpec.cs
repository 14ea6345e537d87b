using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>The inference engine and its settings.</summary>
public sealed class EngineSpec
{
    /// <summary>The engine. Auto: LlamaCpp for GGUF files, VLLM otherwise.</summary>
    public EngineType Type { get; set; } = EngineType.Auto;

    /// <summary>Container image of the engine. Default: the operator's image for the engine and the GPU's vendor.</summary>
    [Length(1, 500)]
    [Pattern("^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$")]
    public string? Image { get; set; }

    /// <summary>Further arguments of the engine, after the operator's own; a flag given here beats the operator's.</summary>
    [ListType(ListKind.Atomic)]
    [Items(0, 100)]
    [Length(0, 4096)]
    public List<string>? Args { get; set; }

    /// <summary>Environment variables of the engine, on leader and workers; a variable given here beats the operator's.</summary>
    [ListType(ListKind.Map, "name")]
    [Items(0, 100)]
    public List<V1EnvVar>? Env { get; set; }

    /// <summary>
    /// Tokens of one request, prompt and answer together. Default: the model's own, at most 8192. Never silently reduced.
    /// </summary>
    [Range(1, 100_000_000)]
    public int? ContextLength { get; set; }

    /// <summary>Requests processed at the same time; each has the whole contextLength.</summary>
    [Range(1, 1024)]
    public int ParallelRequests { get; set; } = 1;

    /// <summary>
    /// Data type of the KV cache, as the engine names it: f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0 and iq4_nl for llama.cpp;
    /// auto, fp8, fp8_e4m3 and fp8_e5m2 for vLLM and SGLang. Default: f16, or the model's own type.
    /// </summary>
    [Length(1, 16)]
    [EnumValues("auto", "f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl", "fp8", "fp8_e4m3", "fp8_e5m2")]
    public string? KvCacheType { get; set; }

    /// <summary>Flash attention (llama.cpp). A quantized KV cache needs it.</summary>
    public FeatureState FlashAttention { get; set; } = FeatureState.Enabled;

    /// <summary>
    /// Cache of tensors on the disk of llama.cpp's RPC workers: makes restarts faster and needs the model's size on their cache
    /// volume.
    /// </summary>
    public FeatureState TensorCache { get; set; } = FeatureState.Disabled;

    /// <summary>Explicit parallelism of vLLM and SGLang.</summary>
    public ParallelismSpec? Parallelism { get; set; }

    /// <summary>How vLLM and SGLang run over several nodes.</summary>
    public DistributionType Distribution { get; set; } = DistributionType.Auto;

    /// <summary>Where the head of a Ray cluster runs.</summary>
    public RayHeadType RayHead { get; set; } = RayHeadType.Colocated;

    /// <summary>Size of /dev/shm; it counts as memory of the pod. Default: what the engine and its GPUs need.</summary>
    [CelRule(QuantityRules.Positive, QuantityRules.PositiveMessage)]
    public Quantity? SharedMemory { get; set; }

    /// <summary>
    /// How long a group may take from its engine's start to Ready, such as <c>30m</c> or <c>1h30m</c>; image pulls and downloads do
    /// not count.
    /// </summary>
    [SchemaDefault("\"30m\"")]
    public KubernetesDuration StartupTimeout { get; set; } = KubernetesDuration.Parse("30m");

    /// <summary>
    /// CPU and memory of each pod of a group. Given figures beat the operator's. GPUs are the plan's and cannot be set here.
    /// </summary>
    public V1ResourceRequirements? Resources { get; set; }
}
