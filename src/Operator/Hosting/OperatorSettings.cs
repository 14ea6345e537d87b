using System.Collections.Immutable;
using System.Net;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Modeling;
using GpuStack.Modeling.Sources;
using GpuStack.Operator.Admission;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Hosting;

/// <summary>What an installation of the operator decides, as opposed to what a ModelDeployment asks for.</summary>
public sealed record OperatorSettings
{
    /// <summary>The only namespaces that are served; none for all. What is in namespaces is asked for in each of them, never of the whole cluster.</summary>
    public ImmutableArray<string> Namespaces { get; init; } = [];

    /// <summary>Whose pods count as takers of GPUs, where only some namespaces are served.</summary>
    public FleetPods FleetPods { get; init; } = FleetPods.Cluster;

    /// <summary>Whether replicas of the operator elect one that works.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>The namespace of the lease.</summary>
    public string LeaseNamespace { get; init; } = "gpustack-system";

    /// <summary>This replica's name in the lease.</summary>
    public string Identity { get; init; } = Environment.MachineName;

    /// <summary>The port of <c>/healthz</c> and <c>/readyz</c>; 0 takes a free one, null serves none.</summary>
    public int? HealthPort { get; init; } = 8081;

    /// <summary>The port of <c>/metrics</c>; null for the same as <see cref="HealthPort"/>, 0 takes a free one.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>The address that <see cref="HealthPort"/> and <see cref="MetricsPort"/> are bound to; null for all, IPv4 and IPv6.</summary>
    public IPAddress? BindAddress { get; init; }

    /// <summary>What <c>/metrics</c> answers; null serves none.</summary>
    public MetricsSource? Metrics { get; init; }

    /// <summary>Whether the metrics are served over TLS, and only to those whose token may get <c>/metrics</c> by the cluster's roles.</summary>
    public bool ProtectMetrics { get; init; }

    /// <summary>The folder with <c>tls.crt</c> and <c>tls.key</c> of protected metrics; null for a certificate that is made at the start.</summary>
    public string? MetricsCertificateFolder { get; init; }

    /// <summary>How the webhook is served; null serves none.</summary>
    public WebhookSettings? Webhook { get; init; }

    /// <summary>Whether memory is given back after bursts of work: a process of its own should, a guest in another's must not.</summary>
    public bool TrimMemory { get; init; }

    /// <summary>Reconciliations under way at once.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>Where <c>model.huggingFace</c> comes from.</summary>
    public Uri HuggingFaceEndpoint { get; init; } = new("https://huggingface.co");

    /// <summary>Where <c>model.modelScope</c> comes from.</summary>
    public Uri ModelScopeEndpoint { get; init; } = new("https://www.modelscope.cn");

    /// <summary>Endpoints besides the hubs that may lie inside the cluster's or the machine's own network.</summary>
    public ImmutableArray<Uri> TrustedEndpoints { get; init; } = [];

    /// <summary>Networks of pods, Services and nodes that models must not come from, where those are public address space.</summary>
    public ImmutableArray<IPNetwork> ClusterNetworks { get; init; } = [];

    /// <summary>Endpoints that every model of a hub is looked for at before the hub, after the deployment's own mirrors; at most <see cref="MostModelMirrors"/>.</summary>
    public ImmutableArray<Uri> ModelMirrors { get; init; } = [];

    /// <summary>Authorities that the servers of models may have their certificates from beside the system's; null for these alone.</summary>
    public TrustedAuthorities? Authorities { get; init; }

    /// <summary>How long the inspection of one model may take.</summary>
    public TimeSpan InspectionTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The llama.cpp image by GPU vendor; each must hold llama-server and ggml-rpc-server with the RPC backend.</summary>
    public ImmutableDictionary<string, string> LlamaCppImages { get; init; } = DefaultLlamaCppImages;

    /// <summary>The vLLM image by GPU vendor.</summary>
    public ImmutableDictionary<string, string> VllmImages { get; init; } = DefaultVllmImages;

    /// <summary>The SGLang image by GPU vendor.</summary>
    public ImmutableDictionary<string, string> SglangImages { get; init; } = DefaultSglangImages;

    /// <summary>The operator's own image: init containers copy the supervisor out of it, and fetch models with it.</summary>
    public string HelperImage { get; init; } = "ghcr.io/gpustack/gpustack-operator:latest";

    /// <summary>
    /// Where a pod's supervisor answers <c>/status</c>; <c>{ip}</c>, <c>{namespace}</c> and <c>{name}</c> stand for the pod's.
    /// </summary>
    public string SupervisorUrl { get; init; } = "http://{ip}:50053/status";

    /// <summary>Whether the nodes of one group of vLLM or SGLang may have drivers of different majors; the status then names them.</summary>
    public bool DriversMayDiffer { get; init; }

    /// <summary>Whether deployments get a ServiceMonitor: found out when the operator starts.</summary>
    public bool ServiceMonitors { get; init; }

    /// <summary>What is known of GPU products; an installation may add its own.</summary>
    public ProductTable Products { get; init; } = ProductTable.Default;

    /// <summary>CPU that every engine container requests, in thousandths of a core.</summary>
    public long CpuRequestMillis { get; init; } = 1000;

    /// <summary>Host memory of an RPC worker: its process, the GPU context's share of host memory, transfer buffers.</summary>
    public Bytes WorkerHostMemory { get; init; } = Bytes.FromGiB(1);

    /// <summary>Host memory of the leader on top of what llama-server books: process, GPU context, HTTP.</summary>
    public Bytes HostMemoryMargin { get; init; } = Bytes.FromGiB(1);

    /// <summary>Host memory of the supervisor in every engine container (docs/benchmarks.md, "recovery").</summary>
    public Bytes SupervisorMemory { get; init; } = Bytes.FromMiB(96);

    /// <summary>llama-server's prompt cache on the host (<c>--cache-ram</c>).</summary>
    public Bytes PromptCache { get; init; } = Bytes.FromGiB(1);

    /// <summary><c>/dev/shm</c> of llama.cpp pods when the spec does not say: llama.cpp itself uses none.</summary>
    public Bytes SharedMemory { get; init; } = Bytes.FromMiB(64);

    /// <summary>Host memory of a pod of vLLM or SGLang whatever its GPUs: the API server with its tokenizers, the scheduler. A margin, not a measurement.</summary>
    public Bytes ServingHostMemory { get; init; } = Bytes.FromGiB(2);

    /// <summary>
    /// Host memory of the process that vLLM and SGLang have for each GPU. PyTorch alone, with CUDA in use and nothing loaded, was seen to reach
    /// 2,056,600 KiB (pytorch/pytorch#113326); what pinned buffers and NCCL add, and what newer releases do without, are taken to cancel out.
    /// </summary>
    public Bytes ServingHostMemoryPerGpu { get; init; } = Bytes.FromGiB(2);

    /// <summary><c>/dev/shm</c> of vLLM and SGLang pods when the spec does not say: their processes and NCCL exchange messages there.</summary>
    public Bytes ServingSharedMemory { get; init; } = Bytes.FromGiB(2);

    /// <summary>How long a node may be NotReady before its groups are planned anew.</summary>
    public TimeSpan NodeLostToleration { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The most <see cref="ModelMirrors"/>: with those of a deployment no more than <c>fetch</c> takes.</summary>
    public const int MostModelMirrors = 8;

    /// <summary>How long a pod of a group may be unschedulable before the group is planned anew.</summary>
    public TimeSpan UnschedulableToleration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The images that <see cref="LlamaCppImages"/> starts from, by vendor; the empty name is for CPUs. They are builds of llama.cpp with
    /// the RPC backend, which llama.cpp's own images lack (decision 0003): RamaLama 0.24 has llama.cpp 0.1.2 (b10485).
    /// </summary>
    public static ImmutableDictionary<string, string> DefaultLlamaCppImages { get; } = ImmutableDictionary.CreateRange(
        StringComparer.OrdinalIgnoreCase,
        new Dictionary<string, string>
        {
            ["nvidia"] = "quay.io/ramalama/cuda:0.24",
            ["amd"] = "quay.io/ramalama/rocm:0.24",
            ["intel"] = "quay.io/ramalama/intel-gpu:0.24",
            ["ascend"] = "quay.io/ramalama/cann:0.24",
            ["mthreads"] = "quay.io/ramalama/musa:0.24",
            [""] = "quay.io/ramalama/ramalama:0.24",
        });

    /// <summary>The images that <see cref="VllmImages"/> starts from, by vendor: vLLM's own. A release, never <c>latest</c>: what a group runs changes with its spec alone.</summary>
    public static ImmutableDictionary<string, string> DefaultVllmImages { get; } = ImmutableDictionary.CreateRange(
        StringComparer.OrdinalIgnoreCase,
        new Dictionary<string, string>
        {
            ["nvidia"] = "vllm/vllm-openai:v0.30.0",
            ["amd"] = "vllm/vllm-openai-rocm:v0.29.0",
        });

    /// <summary>The images that <see cref="SglangImages"/> starts from, by vendor.</summary>
    public static ImmutableDictionary<string, string> DefaultSglangImages { get; } = ImmutableDictionary.CreateRange(
        StringComparer.OrdinalIgnoreCase,
        new Dictionary<string, string>
        {
            ["nvidia"] = "lmsysorg/sglang:v0.5.19",
        });
}
