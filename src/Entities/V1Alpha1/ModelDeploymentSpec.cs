using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>What is wanted.</summary>
[CelRule(
    "!self.network.hostNetwork || self.engine.type != 'LlamaCpp' || self.placement.scope != 'MultiNode'",
    "llama.cpp's RPC has no authentication, so hostNetwork is refused for LlamaCpp over several nodes: remove hostNetwork or " +
    "choose scope SingleNode",
    FieldPath = ".network.hostNetwork", Reason = "FieldValueForbidden")]
[CelRule(
    "!has(self.engine.parallelism) || self.engine.type != 'LlamaCpp'",
    "parallelism is for VLLM and SGLang; LlamaCpp splits by layers: remove engine.parallelism",
    FieldPath = ".engine.parallelism")]
[CelRule(
    "self.engine.distribution != 'Ray' || self.engine.type in ['Auto', 'VLLM']",
    "distribution Ray is for VLLM: choose Auto or Native",
    FieldPath = ".engine.distribution")]
[CelRule(
    "self.engine.rayHead != 'Dedicated' || (self.engine.type in ['Auto', 'VLLM'] && self.engine.distribution != 'Native')",
    "rayHead Dedicated needs a Ray cluster, hence VLLM and distribution Auto or Ray: choose Colocated",
    FieldPath = ".engine.rayHead")]
[CelRule(
    "self.engine.tensorCache != 'Enabled' || self.engine.type in ['Auto', 'LlamaCpp']",
    "tensorCache is for LlamaCpp: choose Disabled",
    FieldPath = ".engine.tensorCache")]
[CelRule(
    "self.placement.cpuOffload != 'Allowed' || self.engine.type in ['Auto', 'LlamaCpp']",
    "cpuOffload is for LlamaCpp: choose Forbidden",
    FieldPath = ".placement.cpuOffload")]
[CelRule(
    "!has(self.engine.kvCacheType) || self.engine.type != 'LlamaCpp' || !(self.engine.kvCacheType in ['auto', 'fp8', " +
    "'fp8_e4m3', 'fp8_e5m2'])",
    "LlamaCpp knows the KV cache types f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0 and iq4_nl",
    FieldPath = ".engine.kvCacheType")]
[CelRule(
    "!has(self.engine.kvCacheType) || !(self.engine.type in ['VLLM', 'SGLang']) || self.engine.kvCacheType in ['auto', 'bf16', " +
    "'fp8', 'fp8_e4m3', 'fp8_e5m2']",
    "VLLM and SGLang know the KV cache types auto, bf16, fp8, fp8_e4m3 and fp8_e5m2",
    FieldPath = ".engine.kvCacheType")]
[CelRule(
    "!has(self.engine.kvCacheType) || self.engine.flashAttention != 'Disabled' || self.engine.type in ['VLLM', 'SGLang'] || " +
    "self.engine.kvCacheType in ['auto', 'f32', 'f16', 'bf16']",
    "a quantized KV cache needs flash attention: set flashAttention to Enabled or kvCacheType to f16",
    FieldPath = ".engine.kvCacheType")]
public sealed class ModelDeploymentSpec
{
    /// <summary>Where the model comes from: exactly one source.</summary>
    [Required]
    public ModelSourceSpec Model { get; set; } = new();

    /// <summary>The inference engine and its settings.</summary>
    public EngineSpec Engine { get; set; } = new();

    /// <summary>Groups, each a complete copy of the model. 0 frees all GPUs and keeps the cache.</summary>
    [Range(0, 1000)]
    public int Replicas { get; set; } = 1;

    /// <summary>Stops all groups, frees their GPUs and keeps the cache, whatever replicas says.</summary>
    public bool Suspend { get; set; }

    /// <summary>Plans and shows the plan in the status, and creates nothing.</summary>
    public bool PlanOnly { get; set; }

    /// <summary>Where the groups run.</summary>
    public PlacementSpec Placement { get; set; } = new();

    /// <summary>The network between the pods of a group.</summary>
    public NetworkSpec Network { get; set; } = new();

    /// <summary>Where the model is kept: exactly one kind.</summary>
    public CacheSpec Cache { get; set; } = new() { Ephemeral = new() };

    /// <summary>How clients reach the model.</summary>
    public AccessSpec Access { get; set; } = new();

    /// <summary>How a changed spec reaches running groups.</summary>
    public UpdateStrategySpec UpdateStrategy { get; set; } = new();

    /// <summary>What every pod carries besides what the operator sets.</summary>
    public PodTemplateSpec? PodTemplate { get; set; }
}
