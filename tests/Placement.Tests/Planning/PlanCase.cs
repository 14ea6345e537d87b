using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>A tiny fleet and what is wanted of it. Prints as one line per node; shrinks to fewer nodes, fewer GPUs and fewer wishes.</summary>
internal sealed record PlanCase(string Model, long Context, TinyNode[] Nodes)
{
    /// <summary>Few blocks keep exhaustion quick; equal ones, unequal ones in both directions, and windows between full caches.</summary>
    private static readonly Dictionary<string, LlamaCppModel> s_models = new(StringComparer.Ordinal)
    {
        ["even"] = SyntheticModels.Dense("even", 11, 4096, 14336, 32, 8, 128, 32_000, 5),
        ["uneven"] = Weigh(SyntheticModels.Dense("uneven", 9, 4096, 14336, 32, 8, 128, 128_000, 2.5), [1, 1, 1, 3, 2, 3, 2, 3, 1, 4]),
        ["falling"] = Weigh(SyntheticModels.Dense("falling", 8, 4096, 14336, 32, 8, 128, 32_000, 2.5), [5, 4, 4, 3, 3, 2, 1, 1, 1]),
        ["windows"] = SyntheticModels.Dense("windows", 12, 4096, 14336, 32, 32, 128, 32_000, 3) with
        {
            SlidingWindow = 1024,
            LayerKinds = [.. Enumerable.Range(0, 12).Select(i => i % 4 == 3 ? LayerKind.Full : LayerKind.SlidingWindow)],
        },
    };

    private static readonly (string Product, int MemoryMiB)[] s_products =
        [("Tesla-T4", 3072), ("NVIDIA-L4", 4096), ("NVIDIA-GeForce-RTX-4080", 6144), ("NVIDIA-RTX-A4000", 6144), ("NVIDIA-A40", 8192), ("NVIDIA-L40S", 12288)];

    /// <summary>Small nodes hold little, so that groups need many of them.</summary>
    private static Gen<TinyNode> Node(bool small) =>
        from product in Gen.Elements(small ? s_products[..3] : s_products)
        from gpus in small ? Gen.Elements(1, 1, 1, 2) : Gen.Choose(1, 4)
        from taken in Gen.Elements(0, 0, 0, 0, 0, 1, 4)
        from rack in Gen.Elements<string?>(null, "r1", "r2", "r3")
        from cpu in Gen.Elements(64_000L, 64_000L, 64_000L, 64_000L, 64_000L, 64_000L, 700L, 100L)
        from host in Gen.Elements(256L, 256L, 256L, 256L, 256L, 256L, 12L, 6L, 3L, 1L)
        select new TinyNode("", gpus, product.MemoryMiB, product.Product)
        {
            Taken = Math.Min(taken, gpus),
            Rack = rack,
            CpuMillis = cpu,
            HostGiB = host,
        };

    public PlacementScope Scope { get; init; }

    public PlacementStrategy Strategy { get; init; }

    public int? MaxNodes { get; init; }

    public int MostDevices { get; init; } = LlamaCppLaunch.MostDevices;

    public string? Leader { get; init; }

    public bool MixedGpus { get; init; } = true;

    public bool CpuOffload { get; init; }

    public long WorkerHostMiB { get; init; } = 512;

    public int Replicas { get; init; } = 1;

    public LlamaCppModel ModelFacts => s_models[Model];

    public PlacementRequest Request => new()
    {
        Name = "random",
        Launch = new LlamaCppLaunch(ModelFacts, new LlamaCppOptions { ContextLength = new Tokens(Context) }),
        Scope = Scope,
        Strategy = Strategy,
        MaxNodes = MaxNodes,
        MostDevices = MostDevices,
        LeaderNode = Leader,
        MixedGpus = MixedGpus,
        CpuOffload = CpuOffload,
        Replicas = Replicas,
        ReservePerGpu = Bytes.FromMiB(256),
        CpuRequestMillis = 1000,
        WorkerCpuRequestMillis = 500,
        WorkerHostMemory = Bytes.FromMiB(WorkerHostMiB),
    };

    public Fleet Fleet => FleetBuilder.Build([.. Nodes.Select(n => n.Facts)], [.. Nodes.SelectMany(n => n.Pods)], ProductTable.Default);

    /// <summary>Cases with fleets of so many nodes at most.</summary>
    /// <param name="mostNodes">Nodes.</param>
    /// <param name="cpuOffload">Layers may stay on the host.</param>
    /// <param name="mostReplicas">Groups wanted.</param>
    /// <param name="fewDevices">A group may have two to four devices.</param>
    public static Arbitrary<PlanCase> Of(int mostNodes, bool cpuOffload, int mostReplicas = 1, bool fewDevices = false) => Arb.From(
        from model in Gen.Elements("even", "uneven", "falling", "windows")
        from context in Gen.Elements(512L, 4096L, 16_384L)
        from small in Gen.Elements(true, true, false)
        from count in Gen.Choose(small ? mostNodes - 2 : 1, mostNodes)
        from nodes in Gen.ArrayOf(Node(small), count)
        from racks in Gen.Elements(true, false)
        from scope in Gen.Elements(PlacementScope.Auto, PlacementScope.Auto, PlacementScope.Auto, PlacementScope.Auto, PlacementScope.MultiNode, PlacementScope.MultiNode, PlacementScope.SingleNode, PlacementScope.SingleGpu)
        from spread in Gen.Elements(PlacementStrategy.Pack, PlacementStrategy.Spread)
        from most in Gen.Elements<int?>(null, null, null, null, null, 1, 2, 3)
        from leader in Gen.Elements<string?>(null, null, null, null, "n-0")
        from mixed in Gen.Elements(true, true, true, true, false)
        from workerHost in Gen.Elements(512L, 512L, 512L, 8192L)
        from replicas in Gen.Choose(1, mostReplicas)
        from devices in fewDevices ? Gen.Choose(2, 4) : Gen.Constant(LlamaCppLaunch.MostDevices)
        select new PlanCase(model, context, [.. nodes.Select((n, i) => n with { Name = $"n-{i}", Rack = racks ? n.Rack : null })])
        {
            Scope = scope,
            Strategy = spread,
            MaxNodes = most,
            MostDevices = devices,
            Leader = leader,
            MixedGpus = mixed,
            CpuOffload = cpuOffload,
            WorkerHostMiB = workerHost,
            Replicas = replicas,
        },
        Shrink);

    public override string ToString()
    {
        var text = new StringBuilder().AppendLine(System.Globalization.CultureInfo.InvariantCulture,
            $"{Model}, context {Context}, {Scope}, {Strategy}, maxNodes {MaxNodes?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"}, leader {Leader ?? "-"}, mixed {MixedGpus}, offload {CpuOffload}, devices {MostDevices}, worker {WorkerHostMiB} MiB, replicas {Replicas}");
        foreach (var node in Nodes)
            text.AppendLine(node.ToString());
        return text.ToString();
    }

    private static IEnumerable<PlanCase> Shrink(PlanCase c)
    {
        for (var i = 0; i < c.Nodes.Length && c.Nodes.Length > 1; i++)
            yield return c with { Nodes = [.. c.Nodes[..i], .. c.Nodes[(i + 1)..]] };
        PlanCase[] plainer =
        [
            c with { Replicas = 1 }, c with { CpuOffload = false }, c with { MaxNodes = null }, c with { MostDevices = LlamaCppLaunch.MostDevices }, c with { Leader = null }, c with { MixedGpus = true },
            c with { WorkerHostMiB = 512 }, c with { Scope = PlacementScope.Auto }, c with { Strategy = PlacementStrategy.Pack }, c with { Context = 512 },
        ];
        foreach (var plain in plainer)
        {
            if (plain.ToString() != c.ToString())
                yield return plain;
        }

        for (var i = 0; i < c.Nodes.Length; i++)
        {
            var node = c.Nodes[i];
            TinyNode[] simpler =
            [
                node with { Gpus = Math.Max(1, node.Gpus - 1), Taken = Math.Min(node.Taken, Math.Max(1, node.Gpus - 1)) }, node with { Taken = 0 },
                node with { Rack = null }, node with { CpuMillis = 64_000 }, node with { HostGiB = 256 },
            ];
            foreach (var simple in simpler.Where(s => s != node))
                yield return c with { Nodes = [.. c.Nodes[..i], simple, .. c.Nodes[(i + 1)..]] };
        }
    }

    private static LlamaCppModel Weigh(LlamaCppModel model, int[] weights) =>
        model with { LayerWeights = [.. weights.Select(w => w * 360L << 20)], TotalWeightBytes = new Bytes(weights.Sum(w => w * 360L << 20)) };
}
