using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Objects.Serving;

/// <summary>
/// The command line of SGLang, the same on every node but for the rank (docs.sglang.io, "Multi-Node Deployment" and "Server Arguments"). Pure.
/// </summary>
internal static class SglangArguments
{
    /// <summary>Where rank 0 of several nodes waits for the others.</summary>
    public const int InitPort = 20000;

    /// <summary>The server: of a group of one pod, or rank 0, or a further rank.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="group">The group.</param>
    /// <param name="members">Its pods.</param>
    /// <param name="rank">The rank, or what the supervisor puts it in the place of.</param>
    public static ImmutableArray<string> Of(ModelDeployment deployment, PlannedGroup group, GroupMembers members, string rank)
    {
        var sizes = group.Plan.Parallelism;
        var arguments = ImmutableArray.CreateBuilder<string>();
        arguments.AddRange(
            "python3", "-m", "sglang.launch_server", "--model-path", ModelFetch.Path(deployment, group),
            "--served-model-name", EngineContainer.ServedName(deployment),
            "--host", "0.0.0.0", "--port", Text(LeaderPod.ApiPort),
            "--tp-size", Text(sizes.Tensor), "--pp-size", Text(sizes.Pipeline),
            "--context-length", group.Serving!.ContextLength.Value.ToString(CultureInfo.InvariantCulture),
            // Progress shows in the metrics.
            "--enable-metrics");
        if (group.Plan.MemoryFraction is { } fraction)
            arguments.AddRange("--mem-fraction-static", fraction.ToString("0.###", CultureInfo.InvariantCulture));
        if (deployment.Spec.Engine.KvCacheType is { } type)
            arguments.AddRange("--kv-cache-dtype", CacheTypeName.Of(EngineType.SGLang, type));
        if (members.AreSeveral)
            arguments.AddRange("--nnodes", Text(1 + members.Workers.Length), "--node-rank", rank, "--dist-init-addr", $"{members.Leader}:{Text(InitPort)}");
        if (deployment.Spec.Access.ApiKeySecretRef is not null)
            arguments.AddRange("--api-key", $"{{env:{ServingPods.SglangKeyVariable}}}");
        arguments.AddRange(EngineContainer.UserArguments(deployment));
        return arguments.ToImmutable();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
