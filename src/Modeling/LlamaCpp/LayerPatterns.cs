using System.Collections.Immutable;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// Which blocks of an architecture attend to the whole context, which to a sliding window, and which are recurrent. Most of it
/// is not in the files: llama.cpp knows it by the architecture's name. In a period of n blocks the last attends to everything,
/// or the first where <c>DenseFirst</c> is set.
/// </summary>
internal static class LayerPatterns
{
    private readonly record struct WindowPattern(int Period, bool DenseFirst = false, int DefaultWindow = 0);

    private static readonly ImmutableDictionary<string, WindowPattern> Windows = ImmutableDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            KeyValuePair.Create("gemma2", new WindowPattern(2, DefaultWindow: 4096)),
            KeyValuePair.Create("gemma3", new WindowPattern(6)),
            KeyValuePair.Create("gemma3n", new WindowPattern(5)),
            KeyValuePair.Create("gpt-oss", new WindowPattern(2)),
            KeyValuePair.Create("cohere2", new WindowPattern(4)),
            KeyValuePair.Create("llama4", new WindowPattern(4, DefaultWindow: 8192)),
            KeyValuePair.Create("exaone4", new WindowPattern(4)),
            KeyValuePair.Create("afmoe", new WindowPattern(4)),
            KeyValuePair.Create("olmo2", new WindowPattern(4)),
            KeyValuePair.Create("smallthinker", new WindowPattern(4, DenseFirst: true)),
        ]);

    /// <summary>The window of an architecture whose files may leave it out.</summary>
    public static int DefaultWindow(string architecture) =>
        Windows.TryGetValue(architecture, out WindowPattern pattern) ? pattern.DefaultWindow : 0;

    public static ImmutableArray<LayerKind> Kinds(
        string architecture,
        int blocks,
        GgufMetadata metadata,
        long window,
        ImmutableArray<int> keyValueHeads,
        ImmutableArray<int> feedForwards,
        bool recurrent)
    {
        var kinds = new LayerKind[blocks];
        bool wholeModelRecurrent = architecture is "mamba" or "mamba2" || architecture.Contains("rwkv", StringComparison.Ordinal);
        bool separateFeedForward = architecture.StartsWith("nemotron_h", StringComparison.Ordinal);
        long interval = metadata.Integer($"{architecture}.full_attention_interval") ?? (architecture is "qwen3next" or "qwen35" or "qwen35moe" ? 4 : 0);
        GgufValue? given = metadata.TryGet($"{architecture}.attention.sliding_window_pattern", out GgufValue? value) ? value : null;
        for (int block = 0; block < blocks; block++)
        {
            kinds[block] = recurrent && architecture == "falcon-h1" ? LayerKind.FullAndRecurrent
                : separateFeedForward && keyValueHeads[block] == 0 && feedForwards[block] > 0 ? LayerKind.FeedForward
                : recurrent && (wholeModelRecurrent || IsRecurrent(block, interval, keyValueHeads[block])) ? LayerKind.Recurrent
                : window > 0 && HasWindow(architecture, block, given) ? LayerKind.SlidingWindow
                : LayerKind.Full;
        }

        for (int block = OwnCaches(architecture, blocks, metadata); block < blocks; block++)
        {
            kinds[block] = kinds[block] == LayerKind.SlidingWindow ? LayerKind.SharedSlidingWindow : LayerKind.Shared;
        }

        return ImmutableArray.Create(kinds);
    }

    /// <summary>How many blocks, from the first on, have caches of their own. At least two do: one may have a window, and one none.</summary>
    private static int OwnCaches(string architecture, int blocks, GgufMetadata metadata)
    {
        // llama.cpp takes no notice of what a Gemma 3n file says.
        const int OfGemma3n = 20;
        long own = architecture switch
        {
            "gemma3n" => OfGemma3n,
            "gemma4" => blocks - Math.Clamp(metadata.Integer("gemma4.attention.shared_kv_layers") ?? 0, 0, blocks),
            _ => blocks,
        };
        return (int)Math.Clamp(own, Math.Min(2, blocks), blocks);
    }

    private static bool IsRecurrent(int block, long interval, int keyValueHeads) =>
        interval > 0 ? (block + 1) % interval != 0 : keyValueHeads == 0;

    private static bool HasWindow(string architecture, int block, GgufValue? given)
    {
        if (given is { Elements.IsDefaultOrEmpty: false } && block < given.Elements.Length)
        {
            return given.Elements[block].Integer is not (null or 0);
        }

        if (!Windows.TryGetValue(architecture, out WindowPattern pattern))
        {
            return false;
        }

        int period = given?.Integer is > 0 and <= int.MaxValue and long stated ? (int)stated : pattern.Period;
        return pattern.DenseFirst ? block % period != 0 : block % period < period - 1;
    }
}
