namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>One of the run's deployments as its user wants it now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">What it needs.</param>
/// <param name="Replicas">How many groups.</param>
/// <param name="Strategy">Its update strategy; empty for the default.</param>
internal sealed record FaultDeployment(string Name, FaultShape Shape, int Replicas, string Strategy)
{
    public const string SmallPool = "NVIDIA-A10";
    public const string LargePool = "NVIDIA-L4";

    /// <summary>How many deployments there are of each shape, of 200.</summary>
    private static readonly FaultShape[] Shapes =
    [
        .. Enumerable.Repeat(FaultShape.OneGpu, 110),
        .. Enumerable.Repeat(FaultShape.GpusOfANode, 16),
        .. Enumerable.Repeat(FaultShape.LlamaGpusOfANode, 12),
        .. Enumerable.Repeat(FaultShape.LlamaNodes, 14),
        .. Enumerable.Repeat(FaultShape.VllmNodes, 18),
        .. Enumerable.Repeat(FaultShape.RayNodes, 6),
        .. Enumerable.Repeat(FaultShape.RayHeadNodes, 6),
        .. Enumerable.Repeat(FaultShape.SglangNodes, 12),
        .. Enumerable.Repeat(FaultShape.TooLarge, 6),
    ];

    public bool IsSuspended { get; init; }

    /// <summary>Counts changes of what pods are made of.</summary>
    public int PodChanges { get; init; }

    /// <summary>Counts changes of what no pod is made of.</summary>
    public int OtherChanges { get; init; }

    /// <summary>Whether the deployment is there.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>Whether it is big enough for NCCL.</summary>
    public bool UsesNccl => Shape is FaultShape.GpusOfANode or FaultShape.VllmNodes or FaultShape.RayNodes or FaultShape.RayHeadNodes or FaultShape.SglangNodes;

    /// <summary>How many pods a group has.</summary>
    public int PodsOfAGroup => Shape switch
    {
        FaultShape.LlamaNodes or FaultShape.RayHeadNodes => 3,
        FaultShape.VllmNodes or FaultShape.RayNodes or FaultShape.SglangNodes => 2,
        _ => 1,
    };

    /// <summary>So much room certainly holds a group.</summary>
    public PictureNeed? Need => Shape switch
    {
        FaultShape.OneGpu => new PictureNeed(LargePool, 1, 1),
        FaultShape.GpusOfANode => new PictureNeed(LargePool, 1, 2),
        FaultShape.LlamaGpusOfANode => new PictureNeed(LargePool, 1, 3),
        FaultShape.LlamaNodes => new PictureNeed(SmallPool, 3, 1),
        FaultShape.TooLarge => null,
        _ => new PictureNeed(SmallPool, 2, 1),
    };

    public string Image => $"registry.example.com/{Name}:{PodChanges}";

    /// <summary>The deployments of a run: every seventh has two replicas, every third an update strategy of its own.</summary>
    public static FaultDeployment[] All(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new FaultDeployment(
            $"d{i:000}", Shapes[i * 7 % Shapes.Length], i % 7 == 3 ? 2 : 1, i % 3 == 0 ? "updateStrategy: {maxSurge: 1, maxUnavailable: 0}" : "")),
    ];

    /// <summary>The name of one of its pods.</summary>
    public string Pod(int number)
    {
        var group = number / PodsOfAGroup % Math.Max(1, Replicas);
        return (number % PodsOfAGroup) switch
        {
            0 => $"{Name}-{group}-0",
            1 => $"{Name}-{group}-w0-0",
            _ => Shape == FaultShape.RayHeadNodes ? $"{Name}-{group}-h-0" : $"{Name}-{group}-w0-1",
        };
    }

    /// <summary>The spec as its user writes it.</summary>
    public string Spec => string.Join('\n',
        Model,
        $"engine: {{image: {Image}, {Engine}}}",
        $"placement: {{gpuSelector: {{products: [{Pool}]}}, scope: {Scope}}}",
        $"access: {{service: {{annotations: {{example.com/changes: \"{OtherChanges}\"}}}}}}",
        $"replicas: {Replicas}",
        $"suspend: {(IsSuspended ? "true" : "false")}",
        Strategy);

    private string Model => Shape switch
    {
        FaultShape.OneGpu => "model: {huggingFace: {repository: gpustack/Llama-3.2-1B-Instruct-GGUF, file: Llama-3.2-1B-Instruct-Q8_0.gguf}}",
        FaultShape.LlamaGpusOfANode or FaultShape.LlamaNodes or FaultShape.TooLarge =>
            "model: {huggingFace: {repository: gpustack/Llama-3.3-70B-Instruct-GGUF, file: Llama-3.3-70B-Instruct-Q4_K_M.gguf}}",
        _ => """model: {image: {reference: "registry.example.com/models/m:1", path: m}, profile: {weightSize: 26Gi, layers: 32, hiddenSize: 4096, attentionHeads: 32, keyValueHeads: 8}}""",
    };

    private string Engine => Shape switch
    {
        FaultShape.GpusOfANode or FaultShape.VllmNodes => "type: VLLM, contextLength: 4096",
        FaultShape.RayNodes => "type: VLLM, distribution: Ray, contextLength: 4096",
        FaultShape.RayHeadNodes => "type: VLLM, rayHead: Dedicated, contextLength: 4096",
        FaultShape.SglangNodes => "type: SGLang, contextLength: 4096",
        _ => "type: LlamaCpp",
    };

    private string Pool => Shape is FaultShape.OneGpu or FaultShape.GpusOfANode or FaultShape.LlamaGpusOfANode ? LargePool : SmallPool;

    private string Scope => Shape switch
    {
        FaultShape.OneGpu or FaultShape.TooLarge => "SingleGpu",
        FaultShape.GpusOfANode or FaultShape.LlamaGpusOfANode => "SingleNode",
        _ => "MultiNode",
    };
}
