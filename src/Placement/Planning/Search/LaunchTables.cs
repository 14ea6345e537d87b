using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// What depends on a model and its options alone: the estimator's costs, the speed model, and the reach of every size of
/// device asked for. Shared by all plans of a launch, and by threads; kept as long as the model's facts are.
/// </summary>
internal sealed class LaunchTables
{
    /// <summary>Options of one model that are remembered; suggestions try a dozen contexts.</summary>
    private const int MaxLaunches = 32;

    /// <summary>Sizes of devices that are remembered; they come from labels of nodes, so there may be any number.</summary>
    private const int MaxReaches = 1024;

    private static readonly ConditionalWeakTable<LlamaCppModel, ConcurrentDictionary<LlamaCppOptions, LaunchTables>> s_known = [];

    private readonly ConcurrentDictionary<(long Usable, RangeKind Kind), DeviceReach> _reaches = [];

    private LaunchTables(LlamaCppModel model, LlamaCppOptions options)
    {
        Costs = LlamaCppCosts.Create(model, options);
        Speed = new SpeedModel(model);
    }

    public LlamaCppCosts Costs { get; }

    public SpeedModel Speed { get; }

    public static LaunchTables Of(LlamaCppLaunch launch)
    {
        var launches = s_known.GetValue(launch.Model, _ => []);
        if (launches.TryGetValue(launch.Options, out var tables))
            return tables;
        if (launches.Count >= MaxLaunches)
            launches.Clear();
        return launches.GetOrAdd(launch.Options, options => new LaunchTables(launch.Model, options));
    }

    public DeviceReach Reach(Bytes usable, RangeKind kind)
    {
        if (_reaches.TryGetValue((usable.Value, kind), out var reach))
            return reach;
        if (_reaches.Count >= MaxReaches)
            _reaches.Clear();
        return _reaches.GetOrAdd((usable.Value, kind), key => Find(Costs.OffloadableLayers, (first, last) => Holds(new Bytes(key.Usable), key.Kind, first, last)));
    }

    /// <summary>A device holds these layers by the estimator's numbers, overhead included.</summary>
    public bool Holds(Bytes usable, RangeKind kind, int first, int last)
    {
        // Weights and caches are sums at hand; a compute buffer may take a graph to find.
        var least = Costs.WeightBytes(first, last) + Costs.KvCacheBytes(first, last) + Costs.OverheadPerDevice;
        return least <= usable && least + ComputeBytes(kind, first, last) <= usable;
    }

    /// <summary>
    /// The reach by a rule of which ranges fit. Each search starts where the one before ended, so that about three ranges are
    /// asked per layer.
    /// </summary>
    public static DeviceReach Find(int layers, Func<int, int, bool> holds)
    {
        var reach = new int[layers];
        for (int first = 0, last = -1; first < layers; first++)
        {
            last = Math.Max(last, first - 1);
            if (last >= first && !holds(first, last))
            {
                do
                {
                    last--;
                }
                while (last >= first && !holds(first, last));
            }
            else
            {
                while (last + 1 < layers && holds(first, last + 1))
                    last++;
            }

            reach[first] = last;
        }

        return new DeviceReach(reach);
    }

    private Bytes ComputeBytes(RangeKind kind, int first, int last) => kind switch
    {
        RangeKind.Pipelined => Costs.ComputeBytes(first, last, device: 1, deviceCount: 2, partialOffload: false),
        RangeKind.AfterHost => Costs.ComputeBytes(first, last, device: 0, deviceCount: 1, partialOffload: true),
        _ => Costs.ComputeBytes(first, last, device: 0, deviceCount: 1, partialOffload: false),
    };
}
