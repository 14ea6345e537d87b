using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling;
using GpuStack.Operator.Commands.Supervise;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects.Nccl;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Objects;

/// <summary>What engine containers of all roles have in common: image, resources, environment, writable folders. Pure.</summary>
internal static class EngineContainer
{
    /// <summary>The container's name.</summary>
    public const string Name = "engine";

    /// <summary>The home of the engine's user, on a volume of the pod.</summary>
    public const string HomePath = "/var/lib/gpustack/home";

    private const string HomeName = "home";
    private const string SharedMemoryName = "shm";

    /// <summary>The container with what does not depend on its role.</summary>
    public static V1Container Create(ModelDeployment deployment, PlannedGroup group, PlannedNode node, OperatorSettings settings) => new()
    {
        Name = Name,
        Image = Image(deployment, node, settings),
        Resources = Resources(deployment.Spec.Engine.Resources, node, group.RdmaResource, limitMemory: group.Serving is null),
        SecurityContext = PodTemplate.ContainerSecurity(lockMemory: group.RdmaResource is not null),
        // The engine's last words are what the status shows of a crash.
        TerminationMessagePolicy = "FallbackToLogsOnError",
        VolumeMounts =
        [
            new V1VolumeMount { Name = HomeName, MountPath = HomePath },
            new V1VolumeMount { Name = SharedMemoryName, MountPath = "/dev/shm" },
        ],
    };

    /// <summary>Puts the container into its pod, with the volumes that it mounts and the supervisor that runs it.</summary>
    public static void Place(V1PodSpec pod, V1Container container, ModelDeployment deployment, OperatorSettings settings)
    {
        pod.Volumes = [SupervisorProgram.Volume(), .. Volumes(deployment, settings)];
        pod.InitContainers = [SupervisorProgram.Copy(settings)];
        pod.Containers = [container];
    }

    /// <summary>Brings the model to a pod: the cache, the volume that holds the model where there is one, else what fetches it.</summary>
    public static void AddModel(V1PodSpec pod, V1Container container, ModelDeployment deployment, PlannedGroup group, OperatorSettings settings)
    {
        container.VolumeMounts!.Add(ModelVolume.CacheMount());
        if (ModelVolume.Cache(deployment) is { } cache)
            pod.Volumes!.Add(cache);
        if (ModelVolume.Source(deployment.Spec.Model) is { } source)
        {
            pod.Volumes!.Add(source);
            container.VolumeMounts.Add(ModelVolume.SourceMount());
        }
        if (ModelFetch.Container(deployment, group, settings) is { } fetch)
            pod.InitContainers!.Add(fetch);
        pod.Volumes!.AddRange(TrustVolume.Volumes(deployment, settings));
    }

    /// <summary>The volumes that <see cref="Create"/> mounts.</summary>
    private static List<V1Volume> Volumes(ModelDeployment deployment, OperatorSettings settings) =>
    [
        new V1Volume { Name = HomeName, EmptyDir = new V1EmptyDirVolumeSource() },
        new V1Volume
        {
            Name = SharedMemoryName,
            EmptyDir = new V1EmptyDirVolumeSource
            {
                Medium = "Memory",
                SizeLimit = Quantity.FromBytes(PlacementRequestMapper.SharedMemory(deployment.Spec.Engine, ModelSource.Engine(deployment.Spec), settings).Value),
            },
        },
    ];

    /// <summary>The variables of all roles, those of one, NCCL's and the user's.</summary>
    public static List<V1EnvVar> Environment(ModelDeployment deployment, PlannedGroup group, IEnumerable<V1EnvVar> ofRole)
    {
        var own = new List<V1EnvVar>
        {
            new() { Name = "HOME", Value = HomePath },
            new() { Name = "XDG_CACHE_HOME", Value = $"{HomePath}/.cache" },
            new() { Name = "HF_HOME", Value = $"{HomePath}/.cache/huggingface" },
            // Python asks for the name of a user that images do not know.
            new() { Name = "USER", Value = "gpustack" },
            // The supervisor's: a first generation as large as the processor's cache would be a third of its memory.
            new() { Name = "DOTNET_GCgen0size", Value = "0x200000" },
            new() { Name = "DOTNET_EnableDiagnostics", Value = "0" },
        };
        own.AddRange(ofRole);
        own.AddRange(Nccl(deployment, group).Select(pair => new V1EnvVar { Name = pair.Key, Value = pair.Value }));
        return Merge(own, UserVariables(deployment.Spec));
    }

    /// <summary>The operator's variables, then the user's; a variable that the user sets is the user's alone.</summary>
    public static List<V1EnvVar> Merge(IEnumerable<V1EnvVar> own, IEnumerable<V1EnvVar> user)
    {
        var theirs = user.GroupBy(variable => variable.Name ?? "", StringComparer.Ordinal).Select(same => same.Last()).ToList();
        var names = theirs.Select(variable => variable.Name ?? "").ToHashSet(StringComparer.Ordinal);
        return [.. own.Where(variable => !names.Contains(variable.Name ?? "")), .. theirs];
    }

    /// <summary>The user's arguments: the engine gets them as they stand, but for Kubernetes' own <c>$(VARIABLE)</c>, as in every pod.</summary>
    public static IEnumerable<string> UserArguments(ModelDeployment deployment) => (deployment.Spec.Engine.Args ?? []).Select(CommandPlaceholders.Literal);

    /// <summary>What the API calls the model.</summary>
    public static string ServedName(ModelDeployment deployment) => deployment.Spec.Model.ServedName ?? deployment.Metadata.Name ?? "";

    /// <summary>The NCCL variables of a group, which the status shows.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> Nccl(ModelDeployment deployment, PlannedGroup group) =>
        NcclPolicy.Environment(FactsForNccl(deployment, group));

    /// <summary>What the NCCL variables of a group depend on.</summary>
    public static NcclFacts FactsForNccl(ModelDeployment deployment, PlannedGroup group)
    {
        var network = deployment.Spec.Network;
        return new NcclFacts(
            network.Nccl.PeerToPeer switch
            {
                AutoFeatureState.Enabled => PeerToPeerChoice.Enabled,
                AutoFeatureState.Disabled => PeerToPeerChoice.Disabled,
                _ => PeerToPeerChoice.Auto,
            },
            group.Plan.Nodes.Any(LacksPeerAccess),
            RdmaAllocated: group.RdmaResource is not null,
            network.Interface,
            [.. UserVariables(deployment.Spec).Select(variable => variable.Name ?? "")],
            group.Fallback);
    }

    /// <summary>The image for a node's GPUs.</summary>
    public static string Image(ModelDeployment deployment, PlannedNode node, OperatorSettings settings)
    {
        if (deployment.Spec.Engine.Image is { } image)
            return image;
        var images = Images(ModelSource.Engine(deployment.Spec), settings);
        return images.GetValueOrDefault(GpuVendors.OfResource(node.Gpus > 0 ? node.ResourceName : "")) ?? images.GetValueOrDefault("") ?? "";
    }

    /// <summary>A variable whose value is a key of a secret.</summary>
    public static V1EnvVar FromSecret(string variable, string secret, string key) => new()
    {
        Name = variable,
        ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = secret, Key = key } },
    };

    private static ImmutableDictionary<string, string> Images(EngineType engine, OperatorSettings settings) => engine switch
    {
        EngineType.VLLM => settings.VllmImages,
        EngineType.SGLang => settings.SglangImages,
        _ => settings.LlamaCppImages,
    };

    private static IEnumerable<V1EnvVar> UserVariables(ModelDeploymentSpec spec) =>
        (spec.Network.Nccl.Env ?? []).Concat(spec.Engine.Env ?? []);

    private static bool LacksPeerAccess(PlannedNode node) =>
        node.Gpus > 0
        && ProductTable.Default.Find(GpuVendors.OfResource(node.ResourceName), node.Product) is { NvLink: false, PeerToPeer: false };

    /// <param name="user">What the spec says; it wins.</param>
    /// <param name="node">What the plan says.</param>
    /// <param name="rdma">The resource of an RDMA device; null for none.</param>
    /// <param name="limitMemory">
    /// Whether the plan knows what the engine takes. Of vLLM and SGLang it knows a margin alone: a limit there would have the kernel end a
    /// process of one of many GPUs, and read the weights from disk again at every start, since the page cache counts.
    /// </param>
    private static V1ResourceRequirements Resources(V1ResourceRequirements? user, PlannedNode node, string? rdma, bool limitMemory)
    {
        var requests = new Dictionary<string, Quantity>(StringComparer.Ordinal)
        {
            ["cpu"] = Quantity.FromMilli(node.CpuMillis),
            ["memory"] = Quantity.FromBytes(Rounded(node.HostMemory)),
        };
        var limits = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        if (limitMemory)
            limits["memory"] = requests["memory"];
        foreach (var (resource, quantity) in user?.Requests ?? [])
            requests[resource] = quantity;
        foreach (var (resource, quantity) in user?.Limits ?? [])
            limits[resource] = quantity;
        foreach (var (resource, limit) in limits)
        {
            if (requests.TryGetValue(resource, out var request) && request > limit)
            {
                // The figure that the user gave stands.
                if (user?.Limits?.ContainsKey(resource) is true)
                    requests[resource] = limit;
                else
                    limits[resource] = request;
            }
        }
        if (node.Gpus > 0)
        {
            requests[node.ResourceName] = node.Gpus;
            limits[node.ResourceName] = node.Gpus;
        }
        if (rdma is not null)
        {
            requests[rdma] = 1;
            limits[rdma] = 1;
        }
        return new V1ResourceRequirements { Requests = requests, Limits = limits };
    }

    /// <summary>Whole MiB, upwards.</summary>
    private static long Rounded(Bytes memory)
    {
        const long mebibyte = 1 << 20;
        return (memory.Value + mebibyte - 1) / mebibyte * mebibyte;
    }
}
