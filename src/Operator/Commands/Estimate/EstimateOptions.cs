using System.CommandLine;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>The arguments and options of <c>estimate</c>. Where an engine has its own word for an option, that is an alias.</summary>
internal sealed class EstimateOptions
{
    /// <summary>The engines, spelled as in the API.</summary>
    public const string LlamaCpp = "LlamaCpp";
    public const string Vllm = "VLLM";
    public const string Sglang = "SGLang";

    public Argument<string> Model { get; } = new("MODEL")
    {
        Description = "A .gguf file or a folder of safetensors: a path, an address, hf://owner/repo[:QUANT][/file][@revision], ms://…, "
            + "oci://registry/repository, or - for a GGUF file on standard input",
    };

    public Option<string?> Engine { get; } = OptionKinds.OneOfOrNone(
        "--engine", "The engine that serves the model: LlamaCpp, VLLM or SGLang (default: LlamaCpp for GGUF, else VLLM)", LlamaCpp, Vllm, Sglang);

    public Option<long?> Context { get; } = Named(
        OptionKinds.Positive<long?>("--context", "Context length per request, in tokens (default: the model's, at most 8192)"), "--max-model-len", "--context-length");

    public Option<int> Parallel { get; } = OptionKinds.Positive("--parallel", "Requests served at a time", 1);

    public Option<bool> KvUnified { get; } = new("--kv-unified") { Description = "llama.cpp: one cache shared by all requests" };

    public Option<string> KeyType { get; } = CacheType("--kv-type-k", "llama.cpp: element type of the key cache");

    public Option<string> ValueType { get; } = CacheType("--kv-type-v", "llama.cpp: element type of the value cache");

    public Option<string> FlashAttention { get; } = OptionKinds.OneOf("--flash-attention", "llama.cpp: flash attention", "on", "off");

    public Option<int> MicroBatch { get; } = OptionKinds.Positive("--ubatch", "llama.cpp: tokens computed at a time", 512);

    public Option<int?> GpuLayers { get; } = OptionKinds.NotNegative<int?>(
        "--gpu-layers", "llama.cpp: layers on devices, counted from the output layer (default: all)");

    public Option<int?> Devices { get; } = OptionKinds.NotNegative<int?>(
        "--devices", "llama.cpp: devices in all, RPC devices included (default: as many as --tensor-split, --gpu-memory or --rpc-devices name, else 1)");

    public Option<string?> TensorSplit { get; } = new("--tensor-split")
    {
        Description = "llama.cpp: shares of the devices, RPC devices first: A,B,… (default: what fits --gpu-memory, else equal)",
    };

    public Option<int> RpcDevices { get; } = OptionKinds.NotNegative<int>("--rpc-devices", "llama.cpp: how many of the devices are on other nodes");

    public Option<bool> FullSlidingWindow { get; } = new("--swa-full") { Description = "llama.cpp: full-size caches for sliding-window layers" };

    public Option<string?> Projector { get; } = new("--mmproj") { Description = "llama.cpp: a multimodal projector to count as well; a location like MODEL", HelpName = "MODEL" };

    public Option<bool> ProjectorOnHost { get; } = new("--no-mmproj-offload") { Description = "llama.cpp: the projector stays on the host" };

    public Option<string?> Draft { get; } = new("--draft") { Description = "llama.cpp: a draft model to count as well; a location like MODEL", HelpName = "MODEL" };

    public Option<int?> DraftGpuLayers { get; } = OptionKinds.NotNegative<int?>("--draft-gpu-layers", "llama.cpp: layers of the draft model on devices (default: all)");

    public Option<string> DraftKeyType { get; } = CacheType("--draft-kv-type-k", "llama.cpp: element type of the draft's key cache");

    public Option<string> DraftValueType { get; } = CacheType("--draft-kv-type-v", "llama.cpp: element type of the draft's value cache");

    public Option<string?> GpuMemory { get; } = new("--gpu-memory")
    {
        Description = "Memory of each device, to show what fits: a quantity or a product (24Gi, H100), or a list of them, RPC devices first",
    };

    public Option<string> Reserve { get; } = new("--reserve")
    {
        Description = "llama.cpp: memory of each device that is left free (default: 1Gi, as the API's placement.memory.reservePerGpu)",
        DefaultValueFactory = _ => "1Gi",
    };

    public Option<int?> TensorParallel { get; } = Named(
        OptionKinds.Positive<int?>("--tensor-parallel", "vLLM, SGLang: GPUs that share each layer"), "--tensor-parallel-size", "--tp-size");

    public Option<int?> PipelineParallel { get; } = Named(
        OptionKinds.Positive<int?>("--pipeline-parallel", "vLLM, SGLang: groups of layers"), "--pipeline-parallel-size", "--pp-size");

    public Option<double?> GpuMemoryUtilization { get; } = Named(
        OptionKinds.Positive<double?>("--gpu-memory-utilization", "vLLM, SGLang: the share of a GPU's memory that is used (default: the engine's)"), "--mem-fraction-static");

    public Option<int?> MaxSequences { get; } = Named(
        OptionKinds.Positive<int?>("--max-num-seqs", "vLLM, SGLang: requests in a batch (default: the engine's)"), "--max-running-requests");

    public Option<int?> MaxBatchedTokens { get; } = Named(
        OptionKinds.Positive<int?>("--max-num-batched-tokens", "vLLM, SGLang: tokens in a batch (default: the engine's)"), "--chunked-prefill-size");

    public Option<string?> KvCacheType { get; } = OptionKinds.OneOfOrNone(
        "--kv-cache-dtype", "vLLM, SGLang: element type of the cache", "auto", "fp8", "fp8_e4m3", "fp8_e5m2");

    public Option<string?> Quantization { get; } = OptionKinds.OneOfOrNone(
        "--quantization", "vLLM, SGLang: quantization while the weights are loaded", "fp8", "bitsandbytes");

    public Option<bool> EnforceEager { get; } = Named(new Option<bool>("--enforce-eager") { Description = "vLLM, SGLang: no CUDA graphs" }, "--disable-cuda-graph");

    public Option<string?> EngineVersion { get; } = new("--engine-version") { Description = "vLLM, SGLang: the release whose rules apply, such as 0.11.0 (default: the newest known)" };

    public Option<string> Output { get; } = OptionKinds.OneOf("--output", "What is printed", "table", "json");

    /// <summary>Options that mean nothing to vLLM and SGLang.</summary>
    public IEnumerable<Option> OfLlamaCpp =>
    [
        KvUnified, KeyType, ValueType, FlashAttention, MicroBatch, GpuLayers, Devices, TensorSplit, RpcDevices, FullSlidingWindow,
        Projector, ProjectorOnHost, Draft, DraftGpuLayers, DraftKeyType, DraftValueType, Reserve,
    ];

    /// <summary>Options that mean nothing to llama.cpp.</summary>
    public IEnumerable<Option> OfServing =>
    [
        TensorParallel, PipelineParallel, GpuMemoryUtilization, MaxSequences, MaxBatchedTokens, KvCacheType, Quantization, EnforceEager, EngineVersion,
    ];

    /// <summary>Every option, in the order of the usage.</summary>
    public IEnumerable<Option> All => [Engine, Context, Parallel, GpuMemory, .. OfLlamaCpp, .. OfServing, Output];

    private static Option<string> CacheType(string name, string description) =>
        OptionKinds.OneOf(name, description, [.. Enum.GetValues<KvCacheType>().Select(type => type.ArgumentName())]);

    private static Option<T> Named<T>(Option<T> option, params ReadOnlySpan<string> aliases)
    {
        foreach (string alias in aliases)
        {
            option.Aliases.Add(alias);
        }

        return option;
    }
}
