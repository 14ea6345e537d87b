using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Operator.Objects.LlamaCpp;

/// <summary>
/// The arguments of <c>llama-server</c> and <c>ggml-rpc-server</c>. Every value that decides memory is given explicitly: with the server's own
/// defaults (<c>-fit on</c>, four slots, a unified cache) it would shrink the context in silence or use more than the plan allows.
/// Names and meanings are those of llama.cpp 0.7.0 (<c>llama-server --help</c>).
/// </summary>
internal static class LlamaServerArguments
{
    public const string ServerProgram = "llama-server";

    public const string WorkerProgram = "ggml-rpc-server";

    public const int RpcPort = 50052;

    /// <summary>llama.cpp rounds the context of a sequence up to a multiple of this.</summary>
    private const long ContextPadding = 256;

    /// <summary>The arguments of a worker: all GPUs of the pod on one port.</summary>
    public static ImmutableArray<string> Worker() => ["-H", "0.0.0.0", "-p", $"{RpcPort}"];

    /// <summary>The arguments of the leader.</summary>
    public static ImmutableArray<string> Leader(LlamaServerLaunch launch)
    {
        var options = launch.Options;
        var arguments = ImmutableArray.CreateBuilder<string>();
        arguments.AddRange("--host", "0.0.0.0", "--port", $"{launch.Port}", "--metrics");
        arguments.AddRange(
            "-m", launch.ModelPath,
            "-c", $"{TotalContext(options)}",
            "-ngl", $"{launch.GpuLayers}");
        if (!launch.LayersPerDevice.IsEmpty)
            arguments.AddRange("-ts", string.Join(',', launch.LayersPerDevice));
        arguments.AddRange(
            "-np", $"{options.ParallelRequests}",
            "-fa", options.FlashAttention ? "on" : "off",
            "-ctk", CacheTypeName(options.KeyType),
            "-ctv", CacheTypeName(options.ValueType),
            "-ub", $"{options.MicroBatch}",
            "-b", $"{options.Batch}",
            options.UnifiedKvCache ? "--kv-unified" : "--no-kv-unified",
            "-fit", "off",
            "--cache-ram", $"{launch.CacheRamMebibytes}");
        if (options.FullSlidingWindow)
            arguments.Add("--swa-full");
        arguments.AddRange("--alias", launch.Alias);
        if (!launch.RpcEndpoints.IsEmpty)
            arguments.AddRange("--rpc", string.Join(',', launch.RpcEndpoints));
        return arguments.ToImmutable();
    }

    /// <summary><c>-c</c> counts the tokens of all slots together; each slot is padded before they are added up.</summary>
    public static long TotalContext(LlamaCppOptions options) =>
        (options.ContextLength.Value + ContextPadding - 1) / ContextPadding * ContextPadding
        * (options.UnifiedKvCache ? 1 : options.ParallelRequests);

    private static string CacheTypeName(KvCacheType type) => type.ToString().ToLowerInvariant();
}
