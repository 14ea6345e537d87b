using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Placement.Planning.Volumes;

namespace GpuStack.Placement.Planning;

/// <summary>All that the planner must know about one ModelDeployment.</summary>
public sealed record PlacementRequest
{
    /// <summary>The deployment's name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>The deployment's uid.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The model and what its engine is started with.</summary>
    public required ModelLaunch Launch { get; init; }

    /// <summary>The engine.</summary>
    public PlacementEngine Engine => Launch.Engine;

    /// <summary>Tensor-parallel size that the user asks for (vLLM, SGLang); null leaves it to the planner.</summary>
    public int? TensorParallel { get; init; }

    /// <summary>Pipeline-parallel size that the user asks for (vLLM, SGLang); null leaves it to the planner.</summary>
    public int? PipelineParallel { get; init; }

    /// <summary>Groups wanted.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>How far a group may spread.</summary>
    public PlacementScope Scope { get; init; }

    /// <summary>Pack or spread.</summary>
    public PlacementStrategy Strategy { get; init; }

    /// <summary>The node that must lead; null lets the planner choose.</summary>
    public string? LeaderNode { get; init; }

    /// <summary>Which GPUs may be used.</summary>
    public GpuSelector GpuSelector { get; init; } = GpuSelector.Any;

    /// <summary>Labels that a node must carry.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Taints that the pods tolerate.</summary>
    public ImmutableArray<Toleration> Tolerations { get; init; } = [];

    /// <summary>The node label whose values are network domains, of which a group over several nodes takes few. Null: rack, else zone.</summary>
    public string? TopologyKey { get; init; }

    /// <summary>GPUs of different products may serve one group.</summary>
    public bool MixedGpus { get; init; } = true;

    /// <summary>Whether the nodes of one group of vLLM or SGLang may have drivers of different majors; the plan then names each node's.</summary>
    public bool DriversMayDiffer { get; init; }

    /// <summary>Layers may stay on the leader's host when the GPUs cannot hold them all.</summary>
    public bool CpuOffload { get; init; }

    /// <summary>Most nodes a group may use; null is no limit.</summary>
    public int? MaxNodes { get; init; }

    /// <summary>Most devices of a group of llama.cpp, local and remote ones together, at least 1; the limit is the engine's, and others have none.</summary>
    public int MostDevices { get; init; } = LlamaCppLaunch.MostDevices;

    /// <summary>The pods stand on their nodes' network, where no policy keeps strangers from an RPC worker: a group of llama.cpp gets one node.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>Ports of its node that a leader listens on; they matter with <see cref="HostNetwork"/> alone.</summary>
    public ImmutableArray<int> LeaderHostPorts { get; init; } = [];

    /// <summary>Ports of its node that each other pod listens on; they matter with <see cref="HostNetwork"/> alone.</summary>
    public ImmutableArray<int> WorkerHostPorts { get; init; } = [];

    /// <summary>
    /// The volumes that the pods mount. A node must be allowed by all of them to lead, and by those of all pods
    /// (<see cref="VolumeConstraint.LeaderOnly"/> false) to take part in a group at all.
    /// </summary>
    public ImmutableArray<VolumeConstraint> Volumes { get; init; } = [];

    /// <summary>The claims that the workers have for themselves (vLLM, SGLang).</summary>
    public WorkerClaims WorkerClaims { get; init; } = WorkerClaims.None;

    /// <summary>The leaders of all groups stand on one node, for a volume that they share can be on one node at a time.</summary>
    public bool LeadersShareNode => Volumes.Any(volume => volume.Sharing == VolumeSharing.OneNode);

    /// <summary>A volume that every pod of a group mounts can be on one node at a time.</summary>
    public bool VolumesWantOneNode => Volumes.Any(volume => !volume.LeaderOnly && volume.Sharing != VolumeSharing.AnyNodes);

    /// <summary>Most nodes a group may use, all wishes together; null is no limit.</summary>
    public int? NodeLimit => (HostNetwork && Engine == PlacementEngine.LlamaCpp) || VolumesWantOneNode ? 1 : MaxNodes;

    /// <summary>GPU memory that a group is taken to need in all, in place of the estimate; null takes the estimate.</summary>
    public Bytes? MemoryOverride { get; init; }

    /// <summary>Share of a GPU's memory that vLLM and SGLang may use, over 0 and at most 1.</summary>
    public double MemoryUtilization { get; init; } = 0.9;

    /// <summary>Memory of every GPU that stays unused (llama.cpp).</summary>
    public Bytes ReservePerGpu { get; init; } = Bytes.FromGiB(1);

    /// <summary>Host memory asked for beyond the estimate (/dev/shm, the process itself).</summary>
    public Bytes HostMemoryMargin { get; init; } = Bytes.FromMiB(512);

    /// <summary>CPU that the leader asks for, in millicores.</summary>
    public long CpuRequestMillis { get; init; }

    /// <summary>CPU that each worker asks for, in millicores; null is the leader's.</summary>
    public long? WorkerCpuRequestMillis { get; init; }

    /// <summary>Host memory that each worker asks for.</summary>
    public Bytes WorkerHostMemory { get; init; } = Bytes.FromMiB(512);

    /// <summary>
    /// The least host memory that any pod asks for, although it may need less. Of vLLM and SGLang, whose need is a margin, just this is asked
    /// for; 0 is the margin.
    /// </summary>
    public Bytes LeastHostMemory { get; init; }

    /// <summary>Host memory that a pod of vLLM or SGLang asks for with each of its GPUs, beyond what it asks for whatever their number.</summary>
    public Bytes HostMemoryPerGpu { get; init; }

    /// <summary>Order among waiting deployments; the planner itself does not read it.</summary>
    public int Priority { get; init; }

    /// <summary>Ports of its node that a pod listens on; null for none.</summary>
    internal IReadOnlyList<int>? HostPortsOf(bool leads) =>
        HostNetwork && (leads ? LeaderHostPorts : WorkerHostPorts) is { IsDefaultOrEmpty: false } ports ? ports : null;

    /// <summary>The same request for a further group, when other groups of the deployment have their places already: volumes that they share narrow it.</summary>
    /// <param name="leaders">The nodes of the other groups' leaders.</param>
    public PlacementRequest Beside(IReadOnlyCollection<string> leaders)
    {
        var further = Volumes.Select(volume => volume.Beside(leaders)).OfType<VolumeConstraint>().ToArray();
        return further.Length == 0 ? this : this with { Volumes = Volumes.AddRange(further) };
    }
}
