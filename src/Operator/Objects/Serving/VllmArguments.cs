using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Objects.LlamaCpp;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Objects.Serving;

/// <summary>
/// The command lines of vLLM and of Ray. <c>--nnodes</c>, <c>--node-rank</c>, <c>--master-addr</c> and <c>--headless</c> are those of vLLM's
/// own multi-node serving (docs.vllm.ai, "Parallelism and Scaling"). Pure.
/// </summary>
internal static class VllmArguments
{
    /// <summary>Where the head of a Ray cluster listens.</summary>
    public const int RayPort = 6379;

    /// <summary>Where rank 0 of several nodes waits for the others without Ray.</summary>
    public const int MasterPort = 29500;

    /// <summary>The seconds that Ray's nodes have to find each other; all their pods are there when it begins.</summary>
    private const int RaySeconds = 300;

    /// <summary>Kubernetes puts the pod's address in its place.</summary>
    private const string Address = "--node-ip-address=$(VLLM_HOST_IP)";

    /// <summary>vLLM's own images are without Ray from 0.18 on (vllm-project/vllm#33445).</summary>
    private const string WithoutRay =
        "the image has no ray on its path: choose spec.engine.distribution Native, or an image with Ray in spec.engine.image";

    /// <summary>Becomes <c>ray start</c> with the arguments.</summary>
    private const string RayNodeScript = $$"""type ray >/dev/null 2>&1 || { echo "{{WithoutRay}}" >&2; exit 127; }; exec ray start "$@" """;

    /// <summary>
    /// Starts or joins the Ray cluster, waits until every node of the group with its GPUs is in it, and becomes the server. Arguments: how
    /// many GPUs the cluster must have, how many seconds to wait, ray's own arguments, --, the server's command line.
    /// </summary>
    private const string RayScript = $$$"""
        gpus=$1 seconds=$2; shift 2
        ray=()
        while [ "$1" != -- ]; do ray+=("$1"); shift; done
        shift
        type ray >/dev/null 2>&1 || { echo "{{{WithoutRay}}}" >&2; exit 127; }
        ray start "${ray[@]}" || exit 1
        python3 - "$gpus" "$seconds" <<'WAIT' || exit 1
        import sys, time, ray
        wanted, deadline = float(sys.argv[1]), time.monotonic() + float(sys.argv[2])
        ray.init(address="auto", log_to_driver=False, logging_level="error")
        while True:
            there = {n["NodeName"]: n["Resources"].get("GPU", 0) for n in ray.nodes() if n["Alive"]}
            if sum(there.values()) >= wanted:
                sys.exit(0)
            if time.monotonic() > deadline:
                sys.exit(f"the Ray cluster has {sum(there.values()):g} of {wanted:g} GPUs, on {', '.join(sorted(there)) or 'no node'}")
            time.sleep(1)
        WAIT
        exec "$@"
        """;

    /// <summary>The server: the only process of a group of one pod, or rank 0.</summary>
    public static ImmutableArray<string> Leader(ModelDeployment deployment, PlannedGroup group, GroupMembers members)
    {
        if (!members.AreSeveral)
            return [.. Serve(deployment, group), .. Api(), .. EngineContainer.UserArguments(deployment)];
        if (!members.UsesRay)
            return [.. Serve(deployment, group), .. Api(), .. Native(group, members), "--node-rank", "0", .. EngineContainer.UserArguments(deployment)];
        var ray = members.Head is null
            ? ["--head", $"--port={RayPort}", "--disable-usage-stats", "--include-dashboard=false", .. Devices(group.Plan.Leader.Gpus), Address]
            : (ImmutableArray<string>)[$"--address={members.Head}:{RayPort}", "--disable-usage-stats", .. Devices(group.Plan.Leader.Gpus), Address];
        var gpus = group.Plan.Leader.Gpus + group.Plan.Workers.Sum(worker => worker.Gpus);
        return
        [
            "/bin/bash", "-c", RayScript, "ray-leader", Text(gpus), Text(RaySeconds), .. ray, "--",
            .. Serve(deployment, group), .. Api(), "--distributed-executor-backend", "ray", .. EngineContainer.UserArguments(deployment),
        ];
    }

    /// <summary>A further node of the group.</summary>
    public static ImmutableArray<string> Worker(ModelDeployment deployment, PlannedGroup group, GroupMembers members) => members.UsesRay
        ? ["/bin/bash", "-c", RayNodeScript, "ray-worker", $"--address={members.Coordinator}:{RayPort}", "--disable-usage-stats", "--block", .. Devices(group.Plan.Workers[0].Gpus), Address]
        : [.. Serve(deployment, group), .. Native(group, members), "--node-rank", "{rank}", "--headless", .. EngineContainer.UserArguments(deployment)];

    /// <summary>A dedicated head: it knows who is there, and has no GPU, so that no work is ever given to it.</summary>
    public static ImmutableArray<string> Head() =>
    [
        "/bin/bash", "-c", RayNodeScript, "ray-head", "--head", $"--port={RayPort}", "--num-gpus=0", "--num-cpus=0", "--disable-usage-stats",
        "--include-dashboard=false", "--block", Address,
    ];

    /// <summary>
    /// As many CPUs as GPUs. Left to itself Ray counts those of the host, since the pod has no CPU limit, and keeps a Python process of some
    /// 100 MiB ready for each (ray-project/ray#47579); vLLM's workers take a GPU and no CPU of Ray's.
    /// </summary>
    private static IEnumerable<string> Devices(int gpus) => [$"--num-cpus={Text(gpus)}", $"--num-gpus={Text(gpus)}"];

    private static IEnumerable<string> Serve(ModelDeployment deployment, PlannedGroup group)
    {
        var sizes = group.Plan.Parallelism;
        yield return "vllm";
        yield return "serve";
        yield return ModelFetch.Path(deployment, group);
        yield return "--served-model-name";
        yield return EngineContainer.ServedName(deployment);
        yield return "--tensor-parallel-size";
        yield return Text(sizes.Tensor);
        yield return "--pipeline-parallel-size";
        yield return Text(sizes.Pipeline);
        yield return "--max-model-len";
        yield return group.Serving!.ContextLength.Value.ToString(CultureInfo.InvariantCulture);
        if (group.Plan.MemoryFraction is { } fraction)
        {
            yield return "--gpu-memory-utilization";
            yield return fraction.ToString("0.####", CultureInfo.InvariantCulture);
        }
        if (deployment.Spec.Engine.KvCacheType is { } type)
        {
            yield return "--kv-cache-dtype";
            yield return CacheTypeName.Of(EngineType.VLLM, type);
        }
    }

    private static ImmutableArray<string> Api() => ["--host", "0.0.0.0", "--port", Text(LeaderPod.ApiPort)];

    private static ImmutableArray<string> Native(PlannedGroup group, GroupMembers members) =>
    [
        "--distributed-executor-backend", "mp", "--nnodes", Text(1 + group.Plan.Workers.Length),
        "--master-addr", members.Leader, "--master-port", Text(MasterPort),
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
