using System.Runtime.InteropServices;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Planning.Search;

/// <summary>Why a node is out, or its devices that are in.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Verdict(string? Reason, string Message, IReadOnlyList<DevicePool> Devices, NodeFree Free);

/// <summary>What is left of a node after all known uses.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NodeFree(long CpuMillis, Bytes Memory, int Pods);

/// <summary>Judges single nodes by what the request says about nodes; the sizes of models play no part here.</summary>
internal sealed class Eligibility(Workload workload)
{
    private readonly PlacementRequest _request = workload.Request;

    public Verdict Judge(FleetNode node, NodeUse? use)
    {
        var free = new NodeFree(
            node.FreeCpuMillis - (use?.CpuMillis ?? 0), new Bytes(node.FreeMemory.Value - (use?.Memory ?? 0)), node.FreePods - (use?.Pods ?? 0));
        if (node.Problem is { } problem)
            return Out(problem.Reason, problem.Message);
        if (Untolerated(node) is { } taint)
            return Out(RejectionReasons.Taint, $"has the taint {Show(taint)}, which placement.tolerations does not tolerate");
        foreach (var (key, value) in _request.NodeSelector)
        {
            if (!node.Labels.TryGetValue(key, out var actual) || actual != value)
                return Out(RejectionReasons.NodeSelector, $"lacks the label {key}={value} of placement.nodeSelector");
        }

        var known = node.Devices.Where(d => d.MemoryPerGpu.Value > 0).ToArray();
        var selected = known.Where(Selected).ToArray();
        if (selected.Length == 0)
            return Out(RejectionReasons.GpuSelector, $"its {DeviceReader.Describe(known[0])} ({known[0].MemoryPerGpu} each) is not what placement.gpuSelector asks for");

        var devices = new List<DevicePool>(selected.Length);
        foreach (var pool in selected)
        {
            var left = pool.Free - (use?.Gpus.GetValueOrDefault(pool.ResourceName) ?? 0);
            if (left > 0)
                devices.Add(left == pool.Free ? pool : pool with { Free = left });
        }

        if (devices.Count == 0)
            return Out(RejectionReasons.AllGpusTaken, "all its GPUs are taken by other pods");
        if (free.Pods < 1)
            return Out(RejectionReasons.PodSlots, "has no pod slot left");
        var cpu = Math.Min(workload.LeaderCpu, workload.WorkerCpu);
        if (free.CpuMillis < cpu)
            return Out(RejectionReasons.HostCpu, $"needs {Cores(cpu)} CPU, free {Cores(free.CpuMillis)}");
        var memory = Math.Min(workload.WorkerMemory.Value, workload.LeaderMemory(0, 1).Value);
        return free.Memory.Value < memory
            ? Out(RejectionReasons.HostMemory, $"needs {new Bytes(memory)} of host memory, free {new Bytes(Math.Max(0, free.Memory.Value))}")
            : new Verdict(null, "", devices, free);

        Verdict Out(string reason, string message) => new(reason, message, [], free);
    }

    public static string Cores(long millis) => $"{Math.Max(0, millis) / 1000.0:0.##}";

    private static string Show(NodeTaint taint) => taint.Value.Length > 0 ? $"{taint.Key}={taint.Value}:{taint.Effect}" : $"{taint.Key}:{taint.Effect}";

    private bool Selected(DevicePool pool)
    {
        var selector = _request.GpuSelector;
        return (selector.Vendors.IsDefaultOrEmpty || selector.Vendors.Any(v => string.Equals(v, pool.Vendor, StringComparison.OrdinalIgnoreCase)))
            && (selector.Products.IsDefaultOrEmpty || selector.Products.Any(p => ProductName.Matches(p, pool.Product)))
            && (selector.MinMemory is not { } least || pool.MemoryPerGpu >= least)
            && (selector.MinComputeCapability is not { } capability || pool.ComputeCapability >= capability);
    }

    private NodeTaint? Untolerated(FleetNode node) =>
        node.Taints.FirstOrDefault(t => t.Effect is "NoSchedule" or "NoExecute" && !_request.Tolerations.Any(toleration => Tolerates(toleration, t)));

    private static bool Tolerates(Toleration toleration, NodeTaint taint)
    {
        if (!string.IsNullOrEmpty(toleration.Effect) && toleration.Effect != taint.Effect)
            return false;
        var exists = toleration.Operator == "Exists";
        if (string.IsNullOrEmpty(toleration.Key))
            return exists;
        return toleration.Key == taint.Key && (exists || (toleration.Value ?? "") == taint.Value);
    }
}
