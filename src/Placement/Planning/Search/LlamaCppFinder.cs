using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>Finds places for llama.cpp's groups, and says what nodes lack for them.</summary>
internal sealed class LlamaCppFinder(PlacementRequest request, LlamaCppLaunch launch) : GroupFinder(request)
{
    private readonly LlamaCppLaunch _launch = launch;
    private readonly Workload _workload = new(request, launch);
    private readonly Dictionary<(long Usable, int Gpus), bool> _holds = [];
    private readonly Dictionary<(string Product, int Gpus, long Usable), string> _lacks = [];
    private HostNeeds? _needs;

    public override HostNeeds Needs => _needs ??= new HostNeeds
    {
        LeaderCpu = _workload.LeaderCpu,
        WorkerCpu = _workload.WorkerCpu,
        LeaderOfOne = _workload.LeaderMemory(0, 1),
        LeaderOfMany = _workload.LeaderMemory(0, 2),
        Worker = _workload.WorkerMemory,
    };

    public override GroupPlan? Find(FleetSurvey survey, int index)
    {
        var found = new GroupSearch(_workload, ClassTable.Build(survey, Needs, withHost: false), survey.DomainOf).Find();
        if (found is null && Request.CpuOffload)
            found = new GroupSearch(_workload, ClassTable.Build(survey, Needs, withHost: true), survey.DomainOf).FindWithHost();
        return found is null ? null : GroupPlanBuilder.Build(_workload, found, index);
    }

    public override Bytes Usable(Bytes memoryPerGpu) => Bytes.Max(Bytes.Zero, memoryPerGpu - Request.ReservePerGpu);

    public override bool Holds(NodeClass c, int gpus)
    {
        var key = (c.Usable.Value, gpus);
        if (!_holds.TryGetValue(key, out var holds))
            _holds[key] = holds = Enumerable.Range(1, Math.Min(gpus, _workload.MostDevices)).Any(g => LayerFill.Fits(_workload, Alone(c, g), 0, partial: false));
        return holds;
    }

    public override bool Helps(NodeClass c) => _workload.Capacity(c.Usable, c.Gpus, partial: false) > 0;

    public override string Lacks(NodeClass c, int gpus)
    {
        var key = (c.Key.Product, gpus, c.Usable.Value);
        if (_lacks.TryGetValue(key, out var lacks))
            return lacks;
        var most = Math.Min(gpus, Request.MostDevices);
        var (need, usable) = (Need(most), Usable(c.Devices.MemoryPerGpu) * most);
        lacks = string.Create(
            CultureInfo.InvariantCulture,
            $"needs {need} on {(most == 1 ? "1 GPU" : $"{most} GPUs")}, usable {usable} ({most} x {c.Devices.MemoryPerGpu} {DeviceReader.Describe(c.Devices)} less {Request.ReservePerGpu} reserve each)");
        if (most < gpus)
            lacks += string.Create(CultureInfo.InvariantCulture, $"; llama.cpp takes at most {most} of its {gpus} GPUs in one group");
        if (need <= usable)
            lacks += "; no split into whole layers fits";
        return _lacks[key] = lacks;
    }

    public override Bytes Need(int gpus) => _workload.Need(Math.Clamp(gpus, 1, _workload.Layers));

    public override (Bytes Memory, string Purpose)? LacksForOffload(NodeClass c, int gpus)
    {
        gpus = Math.Min(gpus, Request.MostDevices);
        if (LayerFill.FirstOffloaded(_workload, Alone(c, Math.Min(gpus, _workload.Layers - 1))) is not { } start)
            return null;
        var memory = _workload.LeaderMemory(start, gpus);
        return memory.Value > c.Key.OffloadMemory ? (memory, $"for the {start} layers that its GPUs leave to the CPU") : null;
    }

    /// <summary>Tells of the engine's limit where a group of more devices would have a place.</summary>
    public override string? WhyNot(FleetSurvey survey)
    {
        var most = Request.MostDevices;
        var (free, held) = LargestDevices(survey, most);
        if (free <= most || new LlamaCppFinder(Request with { MostDevices = int.MaxValue }, _launch).Find(survey, 0) is null)
            return null;
        var need = Need(most);
        var why = need > held
            ? $"the {most} largest free GPUs hold {held}, {Request.Launch.ModelName} needs {need} on them"
            : $"{Request.Launch.ModelName} needs {need} on them, and of the {free} free GPUs no {most} that may be combined hold it";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"llama.cpp takes at most {most} devices in one group: {why}; use larger GPUs, a model or cache of fewer bits, or its safetensors on vLLM, which takes more.");
    }

    /// <summary>Of the devices that may stand in one group: how many are free, and what the largest of them hold.</summary>
    private (long Free, Bytes Held) LargestDevices(FleetSurvey survey, int most)
    {
        var best = (Free: 0L, Held: Bytes.Zero);
        var pools = survey.Kinds.Where(surveyed => surveyed.Verdict.Reason is null)
            .Select(surveyed => (Pool: ClassTable.Largest(surveyed.Verdict), surveyed.Kind.Count));
        foreach (var alike in pools.GroupBy(p => (p.Pool.Vendor, Product: Request.MixedGpus ? null : p.Pool.Product)))
        {
            var (free, left) = (0L, (long)most);
            // Labels may state so much that 64 bits do not hold the sum.
            Int128 sum = 0;
            foreach (var (pool, count) in alike.OrderByDescending(p => p.Pool.MemoryPerGpu.Value))
            {
                var devices = (long)pool.FreeForGroup * count;
                var take = Math.Min(devices, left);
                free += devices;
                left -= take;
                sum += (Int128)Usable(pool.MemoryPerGpu).Value * take;
            }

            var held = new Bytes((long)Int128.Min(sum, long.MaxValue));
            if (held > best.Held || (held == best.Held && free > best.Free))
                best = (free, held);
        }

        return best;
    }

    private static Layout Alone(NodeClass c, int gpus) => new([new Seat(c, Math.Max(1, gpus))]);
}
