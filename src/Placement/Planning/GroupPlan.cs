using System.Collections.Immutable;
using System.Text.Json.Serialization;
using GpuStack.Modeling;

namespace GpuStack.Placement.Planning;

/// <summary>Where one replica runs.</summary>
public sealed record GroupPlan
{
    /// <summary>The replica's index.</summary>
    public required int Index { get; init; }

    /// <summary>The node that runs llama-server, or rank 0.</summary>
    public required PlannedNode Leader { get; init; }

    /// <summary>The nodes that run RPC workers, in the order of <c>--rpc</c>, shape by shape; for vLLM and SGLang those of the further ranks.</summary>
    public ImmutableArray<PlannedNode> Workers { get; init; } = [];

    /// <summary>The nodes of all pods, the leader's first.</summary>
    [JsonIgnore]
    public IEnumerable<PlannedNode> Nodes => Workers.Prepend(Leader);

    /// <summary>
    /// Layers per device. llama.cpp: RPC devices in worker order, then the leader's GPUs; this is also the tensor split. vLLM and SGLang:
    /// ranks in order, so the leader's GPUs come first; the ranks of one stage hold the same layers.
    /// </summary>
    public required ImmutableArray<int> LayersPerDevice { get; init; }

    /// <summary>Tensor and pipeline parallel sizes of vLLM and SGLang; null for llama.cpp.</summary>
    public ParallelSizes? ServingSizes { get; init; }

    /// <summary>How the model is divided; llama.cpp cuts between layers only, so each device is a stage.</summary>
    [JsonIgnore]
    public ParallelSizes Parallelism => ServingSizes ?? new(1, LayersPerDevice.Length);

    /// <summary>
    /// The share of each GPU that the engine is started with: vLLM's <c>--gpu-memory-utilization</c>, SGLang's <c>--mem-fraction-static</c>;
    /// null for llama.cpp.
    /// </summary>
    public double? MemoryFraction { get; init; }

    /// <summary>Layers on devices (<c>-ngl</c>), the output layer included.</summary>
    public required int GpuLayers { get; init; }

    /// <summary>Memory per device, in the order of <see cref="LayersPerDevice"/>, then the host.</summary>
    public required MemoryEstimate Estimate { get; init; }

    /// <summary>Expected decode speed of one request, tokens per second; null when a product's bandwidth is unknown.</summary>
    public double? PredictedTokensPerSecond { get; init; }

    /// <summary>Expected speed of reading a prompt, tokens per second; null when a product's throughput is unknown.</summary>
    public double? PredictedPrefillTokensPerSecond { get; init; }

    /// <summary>The decode speed rests on measurements of the same kind (no CPU offload, known products).</summary>
    public bool SpeedCalibrated { get; init; }

    /// <summary>Seconds that the weights of all workers are on the wire when they are loaded for the first time; null without workers.</summary>
    public double? FirstLoadSeconds { get; init; }

    /// <summary>Names this placement: equal for equal plans, 16 hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>What the plan takes of each node.</summary>
    /// <returns>One entry per pod, leader first.</returns>
    public ImmutableArray<AssumedUse> Uses() =>
        [.. Nodes.Select(n => new AssumedUse
        {
            Node = n.Node, ResourceName = n.ResourceName, Gpus = n.Gpus, CpuMillis = n.CpuMillis, Memory = n.HostMemory, Pods = 1,
            HostPorts = n.HostPorts, Holder = n.HostPorts is null ? "" : $"group {Index}",
        })];
}
