using System.Collections.Frozen;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Objects.Arguments;

/// <summary>
/// Flags of the engines that the plan, the Service or the supervisor depend on, each with what to do instead. A flag of the user's that came
/// after the operator's would win on the engine's command line, and what was planned would be something else than what runs. Names are those
/// of <c>llama-server --help</c> (llama.cpp 0.7.0), <c>vllm serve --help</c> and SGLang's "Server Arguments". Pure.
/// </summary>
internal static class PlannedFlags
{
    private const string Context = "set spec.engine.contextLength";
    private const string Parallel = "set spec.engine.parallelRequests";
    private const string Cache = "set spec.engine.kvCacheType";
    private const string Model = "name the model in spec.model";
    private const string Alias = "set spec.model.servedName";
    private const string Key = "name a Secret in spec.access.apiKeySecretRef";
    private const string Address = "the Service and the probes need the operator's address and port; set spec.access.service.port";
    private const string Split = "the plan decides how the layers are divided; steer it by spec.placement";
    private const string Memory = "the plan's memory rests on the operator's value";
    private const string File = "the plan reads no files; write what it says into spec.engine.args";
    private const string Group = "the operator knows the group's pods; set spec.engine.distribution";

    private static readonly string[] Presets = ["--embd-", "--fim-", "--gpt-oss-", "--vision-"];

    private static readonly FrozenDictionary<string, string> s_llamaCpp = Table(
        (Context, ["-c", "--ctx-size"]),
        (Parallel, ["-np", "--parallel", "-kvu", "--kv-unified", "-no-kvu", "--no-kv-unified"]),
        (Cache, ["-ctk", "--cache-type-k", "-ctv", "--cache-type-v"]),
        ("set spec.engine.flashAttention", ["-fa", "--flash-attn"]),
        (Model, ["-m", "--model", "-mu", "--model-url", "-dr", "--docker-repo", "-hf", "-hfr", "--hf-repo", "-hff", "--hf-file", "-hft", "--hf-token"]),
        (Alias, ["-a", "--alias"]),
        (Key, ["--api-key", "--api-key-file"]),
        (Address, ["--host", "--port", "--api-prefix", "--ssl-key-file", "--ssl-cert-file"]),
        (Split,
        [
            "-ngl", "--gpu-layers", "--n-gpu-layers", "-ts", "--tensor-split", "-sm", "--split-mode", "-mg", "--main-gpu", "-dev", "--device", "--rpc", "-ot",
            "--override-tensor", "-cmoe", "--cpu-moe", "-ncmoe", "--n-cpu-moe", "-nkvo", "--no-kv-offload", "-kvo", "--kv-offload", "-fit", "--fit", "-fitt",
            "--fit-target", "-fitc", "--fit-ctx",
        ]),
        (Memory, ["-b", "--batch-size", "-ub", "--ubatch-size", "-cram", "--cache-ram", "--swa-full"]),
        ("the supervisor watches progress by the metrics", ["--no-metrics"]));

    private static readonly FrozenDictionary<string, string> s_vllm = Table(
        (Model, ["--model", "--revision", "--download-dir"]),
        (Alias, ["--served-model-name"]),
        (Key, ["--api-key"]),
        (Address, ["--host", "--port", "--uds", "--root-path", "--ssl-keyfile", "--ssl-certfile"]),
        (Group,
        [
            "--nnodes", "-n", "--node-rank", "-r", "--master-addr", "--master-port", "--headless", "--distributed-executor-backend", "--data-parallel-size", "-dp",
            "--data-parallel-address", "-dpa", "--data-parallel-backend", "-dpb", "--data-parallel-rank", "-dpn", "--data-parallel-start-rank", "-dpr",
            "--data-parallel-size-local", "-dpl", "--data-parallel-rpc-port", "-dpp", "--prefill-context-parallel-size", "-pcp", "--api-server-count",
        ]),
        (File, ["--config"]));

    private static readonly FrozenDictionary<string, string> s_sglang = Table(
        (Model, ["--model-path", "--model", "--revision", "--download-dir"]),
        (Alias, ["--served-model-name"]),
        (Key, ["--api-key"]),
        (Address, ["--host", "--port", "--ssl-keyfile", "--ssl-certfile"]),
        (Group, ["--nnodes", "--node-rank", "--dist-init-addr", "--nccl-init-addr", "--dp-size", "--data-parallel-size", "--dp", "--base-gpu-id"]),
        (File, ["--config"]),
        ("the supervisor watches progress by the metrics", ["--disable-metrics"]));

    /// <summary>What contradicts the plan, in a sentence with the remedy; null when nothing does.</summary>
    public static string? Contradiction(EngineType engine, IReadOnlyList<string>? arguments) => Contradictions(engine, arguments).FirstOrDefault();

    /// <summary>All that contradicts the plan, each in a sentence with the remedy, in the order of the arguments.</summary>
    public static IEnumerable<string> Contradictions(EngineType engine, IReadOnlyList<string>? arguments)
    {
        var table = engine switch { EngineType.VLLM => s_vllm, EngineType.SGLang => s_sglang, _ => s_llamaCpp };
        for (var i = 0; i < (arguments?.Count ?? 0); i++)
        {
            var flag = arguments![i].Split('=', 2)[0];
            // All three take underscores for dashes in long names.
            var name = flag.StartsWith("--", StringComparison.Ordinal) ? flag.Replace('_', '-') : flag;
            if (table.TryGetValue(name, out var instead))
                yield return $"spec.engine.args[{i}]: {flag} would contradict the plan: remove it ({instead})";
            else if (engine == EngineType.LlamaCpp && IsPreset(name))
                yield return $"spec.engine.args[{i}]: {flag} would contradict the plan: remove it (it sets model, port and context; {Model})";
            else if (engine != EngineType.LlamaCpp && Meant(table, name) is { } meant)
                yield return $"spec.engine.args[{i}]: {flag} is taken for {meant}, which the plan depends on: write it in full, or remove it";
        }
    }

    /// <summary>llama-server's settings for single models, such as <c>--fim-qwen-7b-default</c>.</summary>
    private static bool IsPreset(string name) =>
        name.EndsWith("-default", StringComparison.Ordinal) && Presets.Any(preset => name.StartsWith(preset, StringComparison.Ordinal));

    /// <summary>
    /// The flag that Python's argparse takes another spelling for: any beginning of a long name, and a short one with its value attached. Flags
    /// that the planner reads count too, for it reads whole names.
    /// </summary>
    private static string? Meant(FrozenDictionary<string, string> table, string name)
    {
        if (ServingLaunches.Flags.Contains(name, StringComparer.Ordinal) || name.Length < 3 || name[0] != '-')
            return null;
        return name[1] == '-'
            ? table.Keys.Concat(ServingLaunches.Flags).Where(flag => flag.StartsWith(name, StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault()
            : table.Keys.FirstOrDefault(flag => flag.Length == 2 && name.StartsWith(flag, StringComparison.Ordinal));
    }

    private static FrozenDictionary<string, string> Table(params (string Instead, string[] Flags)[] rows) =>
        rows.SelectMany(row => row.Flags.Select(flag => KeyValuePair.Create(flag, row.Instead))).ToFrozenDictionary(StringComparer.Ordinal);
}
