using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Transformers;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using PlacementScope = GpuStack.Placement.Planning.PlacementScope;
using PlacementStrategy = GpuStack.Placement.Planning.PlacementStrategy;

namespace GpuStack.Operator.Planning;

/// <summary>Turns a ModelDeployment into the planner's question. Pure; the operator and <c>plan</c> both use it.</summary>
public static class PlacementRequestMapper
{
    /// <summary>The context length where neither the spec nor a shorter model says otherwise.</summary>
    public const int DefaultContextLength = 8192;

    private const long Most = 1L << 56;

    /// <summary>Maps the spec, with the defaults that depend on the model or on the installation.</summary>
    /// <param name="deployment">The deployment, with the schema's defaults applied.</param>
    /// <param name="model">The model's facts.</param>
    /// <param name="settings">The installation's settings; null for the defaults.</param>
    public static PlacementRequest Map(ModelDeployment deployment, LlamaCppModel model, OperatorSettings? settings = null)
    {
        settings ??= new OperatorSettings();
        var engine = deployment.Spec.Engine;
        return Placement(deployment, new LlamaCppLaunch(model, Options(engine, model)), settings) with
        {
            HostMemoryMargin = settings.HostMemoryMargin + settings.SupervisorMemory + settings.PromptCache + SharedMemory(engine, EngineType.LlamaCpp, settings),
            WorkerHostMemory = settings.WorkerHostMemory + settings.SupervisorMemory + SharedMemory(engine, EngineType.LlamaCpp, settings),
        };
    }

    /// <summary>Maps the spec of a deployment of vLLM or SGLang, with the defaults that depend on the model or on the installation.</summary>
    /// <param name="deployment">The deployment, with the schema's defaults applied.</param>
    /// <param name="engine">VLLM or SGLang.</param>
    /// <param name="model">The model's facts.</param>
    /// <param name="settings">The installation's settings; null for the defaults.</param>
    public static PlacementRequest Map(ModelDeployment deployment, EngineType engine, TransformerModel model, OperatorSettings? settings = null)
    {
        settings ??= new OperatorSettings();
        var spec = deployment.Spec;
        var arguments = new EngineArguments(spec.Engine.Args);
        var memory = settings.ServingHostMemory + settings.SupervisorMemory + SharedMemory(spec.Engine, engine, settings);
        return Placement(deployment, ServingLaunches.Of(spec.Engine, engine, arguments, model), settings) with
        {
            TensorParallel = spec.Engine.Parallelism?.Tensor ?? arguments.Count("--tensor-parallel-size", "-tp", "--tp-size", "--tp"),
            PipelineParallel = spec.Engine.Parallelism?.Pipeline ?? arguments.Count("--pipeline-parallel-size", "-pp", "--pp-size", "--pp"),
            MemoryUtilization = Millis(spec.Placement.Memory.Utilization) / 1000.0,
            HostMemoryMargin = memory,
            WorkerHostMemory = memory,
            HostMemoryPerGpu = settings.ServingHostMemoryPerGpu,
        };
    }

    /// <summary>What does not depend on the engine.</summary>
    private static PlacementRequest Placement(ModelDeployment deployment, ModelLaunch launch, OperatorSettings settings)
    {
        var spec = deployment.Spec;
        var placement = spec.Placement;
        var type = launch.Engine switch { PlacementEngine.VLLM => EngineType.VLLM, PlacementEngine.SGLang => EngineType.SGLang, _ => EngineType.LlamaCpp };
        return new PlacementRequest
        {
            Name = deployment.Metadata.Name ?? "",
            Uid = deployment.Metadata.Uid ?? "",
            Launch = launch,
            Replicas = spec.Replicas,
            Scope = Scope(placement.Scope),
            Strategy = placement.Strategy == Entities.V1Alpha1.PlacementStrategy.Spread ? PlacementStrategy.Spread : PlacementStrategy.Pack,
            LeaderNode = placement.Leader?.NodeName,
            GpuSelector = Selector(placement.GpuSelector),
            NodeSelector = placement.NodeSelector ?? [],
            Tolerations = [.. (placement.Tolerations ?? []).Select(Toleration)],
            TopologyKey = placement.TopologyKey,
            MixedGpus = placement.MixedGpus == Permission.Allowed,
            DriversMayDiffer = settings.DriversMayDiffer,
            CpuOffload = placement.CpuOffload == Permission.Allowed,
            MaxNodes = placement.MaxNodes,
            HostNetwork = spec.Network.HostNetwork,
            LeaderHostPorts = spec.Network.HostNetwork ? HostPorts.OfLeader(spec, type) : [],
            WorkerHostPorts = spec.Network.HostNetwork ? HostPorts.OfWorker(type) : [],
            ReservePerGpu = Amount(placement.Memory.ReservePerGpu),
            MemoryOverride = placement.Memory.Override is { } total ? Amount(total) : null,
            // A limit below the operator's own request lowers that, as in the pod.
            CpuRequestMillis = Math.Min(
                Requested(spec.Engine, "cpu") is { } cpu ? Millis(cpu) : settings.CpuRequestMillis,
                Limit(spec.Engine, "cpu") is { } most ? Millis(most) : long.MaxValue),
            LeastHostMemory = HostMemory(spec.Engine, type) is { } memory ? Amount(memory) : default,
        };
    }

    /// <summary>The size of <c>/dev/shm</c>.</summary>
    internal static Bytes SharedMemory(EngineSpec spec, EngineType engine, OperatorSettings settings) =>
        spec.SharedMemory is { } asked ? Amount(asked)
        : engine == EngineType.LlamaCpp ? settings.SharedMemory : settings.ServingSharedMemory;

    private static LlamaCppOptions Options(EngineSpec engine, LlamaCppModel model)
    {
        var trained = model.ContextLength.Value > 0 ? model.ContextLength.Value : DefaultContextLength;
        var cacheType = Enum.TryParse<KvCacheType>(engine.KvCacheType, ignoreCase: true, out var type) ? type : KvCacheType.F16;
        return new LlamaCppOptions
        {
            ContextLength = new Tokens(engine.ContextLength ?? Math.Min(trained, DefaultContextLength)),
            ParallelRequests = engine.ParallelRequests,
            KeyType = cacheType,
            ValueType = cacheType,
            FlashAttention = engine.FlashAttention == FeatureState.Enabled,
        };
    }

    private static PlacementScope Scope(Entities.V1Alpha1.PlacementScope scope) => scope switch
    {
        Entities.V1Alpha1.PlacementScope.SingleGpu => PlacementScope.SingleGpu,
        Entities.V1Alpha1.PlacementScope.SingleNode => PlacementScope.SingleNode,
        Entities.V1Alpha1.PlacementScope.MultiNode => PlacementScope.MultiNode,
        _ => PlacementScope.Auto,
    };

    private static GpuSelector Selector(GpuSelectorSpec? selector) => selector is null ? GpuSelector.Any : new GpuSelector
    {
        Vendors = [.. (selector.Vendors ?? []).Select(Vendor)],
        Products = [.. selector.Products ?? []],
        MinMemory = selector.MinMemory is { } memory ? Amount(memory) : null,
        MinComputeCapability = ComputeCapability.Parse(selector.MinComputeCapability),
    };

    private static string Vendor(GpuVendor vendor) => vendor switch
    {
        GpuVendor.MooreThreads => "mthreads",
        _ => vendor.ToString().ToLowerInvariant(),
    };

    private static Toleration Toleration(V1Toleration toleration) => new()
    {
        Key = toleration.Key,
        Operator = toleration.Operator,
        Value = toleration.Value,
        Effect = toleration.Effect,
    };

    /// <summary>What the user gives, as in the pod; a limit lowers no need that is known, which llama.cpp's is.</summary>
    private static Quantity? HostMemory(EngineSpec engine, EngineType type)
    {
        var (request, limit) = (Requested(engine, "memory"), type == EngineType.LlamaCpp ? null : Limit(engine, "memory"));
        return request is { } least && limit is { } most && most < least ? most : request ?? limit;
    }

    private static Quantity? Requested(EngineSpec engine, string resource) =>
        engine.Resources?.Requests is { } requests && requests.TryGetValue(resource, out var quantity) ? quantity : (Quantity?)null;

    private static Quantity? Limit(EngineSpec engine, string resource) =>
        engine.Resources?.Limits is { } limits && limits.TryGetValue(resource, out var quantity) ? quantity : (Quantity?)null;

    private static Bytes Amount(Quantity quantity) => new(Capped(quantity.ToInt64));

    private static long Millis(Quantity quantity) => Capped(quantity.ToMilli);

    /// <summary>Quantities reach beyond 63 bits; more than any node has is enough to know, and sums of it must not overflow.</summary>
    private static long Capped(Func<long> convert)
    {
        try
        {
            return Math.Min(convert(), Most);
        }
        catch (OverflowException)
        {
            return Most;
        }
    }
}
