using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>Finds places for llama.cpp's groups, and says what nodes lack for them.</summary>
internal sealed class LlamaCppFinder(PlacementRequest request, LlamaCppLaunch launch) : GroupFinder(request)
{
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
            _holds[key] = holds = Enumerable.Range(1, Math.Min(gpus, _workload.Layers)).Any(g => LayerFill.Fits(_workload, Alone(c, g), 0, partial: false));
        return holds;
    }

    public override bool Helps(NodeClass c) => _workload.Capacity(c.Usable, c.Gpus, partial: false) > 0;

    public override string Lacks(NodeClass c, int gpus)
    {
        var key = (c.Key.Product, gpus, c.Usable.Value);
        if (_lacks.TryGetValue(key, out var lacks))
            return lacks;
        var (need, usable) = (Need(gpus), Usable(c.Devices.MemoryPerGpu) * gpus);
        lacks = string.Create(
            CultureInfo.InvariantCulture,
            $"needs {need} on {(gpus == 1 ? "1 GPU" : $"{gpus} GPUs")}, usable {usable} ({gpus} x {c.Devices.MemoryPerGpu} {DeviceReader.Describe(c.Devices)} less {Request.ReservePerGpu} reserve each)");
        if (need <= usable)
            lacks += "; no split into whole layers fits";
        return _lacks[key] = lacks;
    }

    public override Bytes Need(int gpus) => _workload.Need(Math.Clamp(gpus, 1, _workload.Layers));

    public override (Bytes Memory, string Purpose)? LacksForOffload(NodeClass c, int gpus)
    {
        if (LayerFill.FirstOffloaded(_workload, Alone(c, Math.Min(gpus, _workload.Layers - 1))) is not { } start)
            return null;
        var memory = _workload.LeaderMemory(start, gpus);
        return memory.Value > c.Key.OffloadMemory ? (memory, $"for the {start} layers that its GPUs leave to the CPU") : null;
    }

    private static Layout Alone(NodeClass c, int gpus) => new([new Seat(c, Math.Max(1, gpus))]);
}
