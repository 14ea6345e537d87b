using System.Globalization;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using GpuStack.Placement.Tests;

namespace GpuStack.Benchmarks.Plan;

/// <summary>
/// What a plan costs on large fleets: one plan with its reasons, the first time and warm; a thousand plans in a row, each taking its GPUs;
/// and the change of one node. Growth is the exponent e of time ~ nodes^e between the smallest fleet and the largest.
/// </summary>
internal sealed class PlanBenchmark : IBenchmark
{
    private const int WarmUp = 200;
    private const int InARow = 1000;

    /// <summary>Models of one GPU, of several, and of several nodes of most kinds or of all; two of them under vLLM.</summary>
    private static readonly (string Name, ModelLaunch Launch)[] s_models =
    [
        ("8B", Gguf(SyntheticModels.Llama8B)), ("70B", Gguf(SyntheticModels.Llama70B)), ("R1", Gguf(SyntheticModels.DeepSeekR1)),
        ("405B", Gguf(SyntheticModels.Llama405B)), ("R1BF16", Gguf(SyntheticModels.DeepSeekR1SixteenBits)),
        ("vllm70B", SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B)),
        ("vllm405B", SyntheticTransformers.Vllm(SyntheticTransformers.Decoder("Llama-3.1-405B", 126, 16_384, 128, 8, 128, 53_248, 128_256))),
    ];

    public string Name => "plan";

    public string Usage => "time of a plan on large fleets: [--nodes N] [--fill PERCENT] [--fleet uniform|mixed|scattered] [--runs 200]; all sizes without --nodes";

    public Task<IReadOnlyDictionary<string, double>> RunAsync(BenchmarkArguments arguments, TextWriter details, CancellationToken cancellationToken)
    {
        int[] sizes = arguments.Optional("nodes") is null ? [100, 1000, 10_000] : [arguments.Integer("nodes", 0)];
        int[] fills = arguments.Optional("fill") is null ? [0, 95] : [arguments.Integer("fill", 0)];
        FleetKind[] kinds = arguments.Optional("fleet") is not { } named ? Enum.GetValues<FleetKind>()
            : Enum.TryParse(named, ignoreCase: true, out FleetKind one) ? [one]
            : throw new ArgumentException($"--fleet is '{named}', where uniform, mixed or scattered is expected.");
        if (sizes[0] < 1 || fills[0] is < 0 or > 100)
        {
            throw new ArgumentException("--nodes must be at least 1, and --fill between 0 and 100.");
        }

        int runs = Math.Max(1, arguments.Integer("runs", 200));
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (FleetKind kind in kinds)
        {
            foreach (int fill in fills)
            {
                foreach (int size in sizes)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Measure(figures, size, kind, fill, runs, details);
                }

                Growth(figures, sizes, kind, fill);
            }
        }

        return Task.FromResult<IReadOnlyDictionary<string, double>>(figures);
    }

    private static void Measure(Dictionary<string, double> figures, int size, FleetKind kind, int fill, int runs, TextWriter details)
    {
        NodeFacts[] nodes = PlanFleets.Nodes(size, kind);
        List<PodFacts> pods = PlanFleets.Pods(nodes, fill);
        var tracker = new FleetTracker(ProductTable.Default);
        foreach (NodeFacts node in nodes)
        {
            tracker.SetNode(node);
        }

        pods.ForEach(tracker.Take);
        string fleet = Key(size, kind, fill);
        foreach ((string name, ModelLaunch launch) in s_models)
        {
            PlacementRequest request = Request(launch);
            long start = TimeProvider.System.GetTimestamp();
            PlacementPlan first = Planner.Decide(tracker.Fleet, request);
            figures[$"{fleet}.{name}.firstMs"] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
            details.WriteLine($"{fleet} {name}: {(first.Feasible ? $"{first.Groups[0].Workers.Length + 1} nodes, {first.Groups[0].LayersPerDevice.Length} GPUs" : first.Message)}");
            Warm(figures, $"{fleet}.{name}", runs, () => Planner.Decide(tracker.Fleet, request));
        }

        Row(figures, fleet, tracker.Fleet, Request(s_models[0].Launch));
        Updates(figures, fleet, tracker, nodes);
    }

    private static LlamaCppLaunch Gguf(LlamaCppModel model) => SyntheticModels.Launch(model, 8192);

    private static PlacementRequest Request(ModelLaunch launch) => new()
    {
        Name = "benchmark",
        Launch = launch,
        CpuRequestMillis = 1000,
    };

    private static void Warm(Dictionary<string, double> figures, string key, int runs, Action plan)
    {
        for (int i = 0; i < WarmUp; i++)
        {
            plan();
        }

        double[] times = new double[runs];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < runs; i++)
        {
            long start = TimeProvider.System.GetTimestamp();
            plan();
            times[i] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        }

        figures[$"{key}.allocatedKiB"] = (GC.GetAllocatedBytesForCurrentThread() - before) / 1024.0 / runs;
        Array.Sort(times);
        figures[$"{key}.medianMs"] = times[runs / 2];
        figures[$"{key}.p95Ms"] = times[(int)(runs * 0.95)];
    }

    /// <summary>A thousand deployments one after another, each on what those before left: time of one.</summary>
    private static void Row(Dictionary<string, double> figures, string key, Fleet fleet, PlacementRequest request)
    {
        long start = TimeProvider.System.GetTimestamp();
        int placed = 0;
        for (int i = 0; i < InARow; i++)
        {
            PlacementPlan plan = Planner.Decide(fleet, request);
            if (plan.Feasible)
            {
                fleet = fleet.Taking(plan.Groups[0].Uses());
                placed++;
            }
        }

        figures[$"{key}.rowMsEach"] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds / InARow;
        figures[$"{key}.rowPlaced"] = placed;
    }

    /// <summary>A pod comes to a node and goes again, a node's label changes: time of one change, indexes included.</summary>
    private static void Updates(Dictionary<string, double> figures, string key, FleetTracker tracker, NodeFacts[] nodes)
    {
        const int Changes = 20_000;
        for (int round = 0; round < 2; round++)
        {
            long start = TimeProvider.System.GetTimestamp();
            for (int i = 0; i < Changes; i++)
            {
                PodFacts pod = PlanFleets.Pod(nodes[i * 7919 % nodes.Length].Name, i, 1, i % 6);
                tracker.Take(pod);
                tracker.Give(pod);
            }

            figures[$"{key}.podChangeMicroseconds"] = TimeProvider.System.GetElapsedTime(start).TotalMicroseconds / Changes / 2;
            start = TimeProvider.System.GetTimestamp();
            for (int i = 0; i < Changes; i++)
            {
                NodeFacts node = nodes[i * 7919 % nodes.Length];
                tracker.SetNode(node with { Unschedulable = i % 2 == 0 });
            }

            figures[$"{key}.nodeChangeMicroseconds"] = TimeProvider.System.GetElapsedTime(start).TotalMicroseconds / Changes;
            foreach (NodeFacts node in nodes)
            {
                tracker.SetNode(node);
            }
        }
    }

    private static void Growth(Dictionary<string, double> figures, int[] sizes, FleetKind kind, int fill)
    {
        if (sizes.Length < 2)
        {
            return;
        }

        foreach ((string name, _) in s_models)
        {
            double small = figures[$"{Key(sizes[0], kind, fill)}.{name}.medianMs"];
            double large = figures[$"{Key(sizes[^1], kind, fill)}.{name}.medianMs"];
            figures[$"growth.{Word(kind)}.{fill}.{name}"] = Math.Log(large / small) / Math.Log((double)sizes[^1] / sizes[0]);
        }
    }

    private static string Key(int size, FleetKind kind, int fill) => string.Create(CultureInfo.InvariantCulture, $"{Word(kind)}.{fill}.{size}");

    private static string Word(FleetKind kind) => kind.ToString().ToLowerInvariant();
}
