using System.CommandLine;
using System.Globalization;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>The arguments and options of <c>estimate</c>.</summary>
internal sealed class EstimateOptions
{
    /// <summary>The engine that is estimated so far; engines are spelled as in the API.</summary>
    public const string LlamaCpp = "LlamaCpp";

    public Argument<string> Model { get; } = new("MODEL")
    {
        Description = "A .gguf file: a path, an address, hf://owner/repo/file[@revision] or ms://owner/repo/file[@revision]",
    };

    public Option<string> Engine { get; } = OneOf("--engine", "The engine that serves the model", LlamaCpp, "VLLM", "SGLang");

    public Option<long?> Context { get; } = Positive<long?>("--context", "Context length per request, in tokens (default: the model's, at most 8192)");

    public Option<int> Parallel { get; } = Positive("--parallel", "Requests served at a time", 1);

    public Option<bool> KvUnified { get; } = new("--kv-unified") { Description = "One cache shared by all requests" };

    public Option<string> KeyType { get; } = CacheType("--kv-type-k", "Element type of the key cache");

    public Option<string> ValueType { get; } = CacheType("--kv-type-v", "Element type of the value cache");

    public Option<string> FlashAttention { get; } = OneOf("--flash-attention", "Flash attention", "on", "off");

    public Option<int> MicroBatch { get; } = Positive("--ubatch", "Tokens computed at a time", 512);

    public Option<int?> GpuLayers { get; } = NotNegative<int?>("--gpu-layers", "Layers on devices, counted from the output layer (default: all)");

    public Option<int?> Devices { get; } = NotNegative<int?>("--devices", "Devices in all, RPC devices included (default: as many as --tensor-split or --rpc-devices name, else 1)");

    public Option<string?> TensorSplit { get; } = new("--tensor-split") { Description = "Shares of the devices, RPC devices first: A,B,… (default: equal)" };

    public Option<int> RpcDevices { get; } = NotNegative<int>("--rpc-devices", "How many of the devices are on other nodes");

    public Option<bool> FullSlidingWindow { get; } = new("--swa-full") { Description = "Full-size caches for sliding-window layers" };

    public Option<string?> Projector { get; } = new("--mmproj") { Description = "A multimodal projector to count as well" };

    public Option<string?> Draft { get; } = new("--draft") { Description = "A draft model to count as well" };

    public Option<int?> TensorParallel { get; } = Positive<int?>("--tensor-parallel", "vLLM, SGLang: GPUs that share each layer");

    public Option<int?> PipelineParallel { get; } = Positive<int?>("--pipeline-parallel", "vLLM, SGLang: groups of layers");

    public Option<double?> GpuMemoryUtilization { get; } = Positive<double?>("--gpu-memory-utilization", "vLLM, SGLang: the share of a GPU's memory that is used");

    public Option<string> Output { get; } = OneOf("--output", "What is printed", "table", "json");

    /// <summary>Every option, in the order of the usage.</summary>
    public IEnumerable<Option> All =>
    [
        Engine, Context, Parallel, KvUnified, KeyType, ValueType, FlashAttention, MicroBatch, GpuLayers, Devices, TensorSplit, RpcDevices,
        FullSlidingWindow, Projector, Draft, TensorParallel, PipelineParallel, GpuMemoryUtilization, Output,
    ];

    private static Option<int> Positive(string name, string description, int value)
    {
        Option<int> option = Positive<int>(name, description);
        option.DefaultValueFactory = _ => value;
        return option;
    }

    private static Option<T> Positive<T>(string name, string description) => Bounded<T>(name, description, positive: true);

    private static Option<T> NotNegative<T>(string name, string description) => Bounded<T>(name, description, positive: false);

    /// <summary>The text is parsed here: the library's own sentence about a number that is none names types of .NET.</summary>
    private static Option<T> Bounded<T>(string name, string description, bool positive)
    {
        Type type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        return new Option<T>(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result =>
            {
                if (result.Tokens is not [{ Value: string text }])
                {
                    return default;
                }

                if (Number(text, type) is not { } number)
                {
                    result.AddError($"{name}: '{text}' is no {(type == typeof(double) ? "number" : "whole number, or too large")}; give {(positive ? "a positive number" : "0 or a positive number")}.");
                    return default;
                }

                if (Convert.ToDouble(number, CultureInfo.InvariantCulture) is var value && (positive ? value > 0 : value >= 0))
                {
                    return (T)number;
                }

                result.AddError($"{name}: '{text}' is out of range; give {(positive ? "a positive number" : "0 or a positive number")}.");
                return default;
            },
        };
    }

    /// <summary>The number, boxed as <paramref name="type"/>; null when the text is none that it can hold.</summary>
    private static object? Number(string text, Type type)
    {
        if (type == typeof(double))
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real) ? real : null;
        }

        bool whole = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        return !whole ? null : type == typeof(long) ? number : number is >= int.MinValue and <= int.MaxValue ? (int)number : null;
    }

    private static Option<string> CacheType(string name, string description) =>
        OneOf(name, description, [.. Enum.GetValues<KvCacheType>().Select(type => type.ArgumentName())]);

    private static Option<string> OneOf(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => values[0] };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !values.Contains(result.Tokens[0].Value))
            {
                result.AddError($"{name}: '{result.Tokens[0].Value}' is none of {string.Join(", ", values)}.");
            }
        });
        return option;
    }
}
