using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>What must hold of every plan, whatever was asked.</summary>
internal static class PlanChecks
{
    public static void Hold(PlacementPlan plan, Fleet fleet, PlacementRequest request)
    {
        Assert.Equal(plan.Feasible, plan.Groups.Length == request.Replicas);
        var used = plan.Groups.SelectMany(g => g.Workers.Append(g.Leader)).Select(n => n.Node).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(fleet.Nodes.Length - used.Count, plan.Rejected.Sum(r => r.Nodes));
        Assert.All(plan.Rejected, r => Assert.True(r.Message.Length > 0 && r.Examples.Length is > 0 and <= 3));
        // Replicas are planned one after another, each on what the ones before left over.
        var left = fleet;
        foreach (var group in plan.Groups)
        {
            Hold(group, left, request);
            left = left.Taking(group.Uses());
        }

        foreach (var node in plan.Groups.SelectMany(g => g.Uses()).GroupBy(u => (u.Node, u.ResourceName)))
            Assert.True(node.Sum(u => u.Gpus) <= fleet.Find(node.Key.Node)!.Devices.First(d => d.ResourceName == node.Key.ResourceName).Free);
        foreach (var node in plan.Groups.SelectMany(g => g.Uses()).GroupBy(u => u.Node, StringComparer.Ordinal))
        {
            Assert.True(node.Sum(u => u.CpuMillis) <= fleet.Find(node.Key)!.FreeCpuMillis);
            Assert.True(node.Sum(u => u.Memory.Value) <= fleet.Find(node.Key)!.FreeMemory.Value);
        }
    }

    private static void Hold(GroupPlan group, Fleet fleet, PlacementRequest request)
    {
        var launch = (LlamaCppLaunch)request.Launch;
        PlannedNode[] nodes = [.. group.Workers, group.Leader];
        Assert.Equal(nodes.Length, nodes.Select(n => n.Node).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(group.LayersPerDevice, nodes.SelectMany(n => n.Layers));
        Assert.Equal(group.GpuLayers, group.LayersPerDevice.Sum());
        Assert.All(group.LayersPerDevice, count => Assert.True(count >= 1));
        Assert.True(LayerSplit.Reproduces(group.LayersPerDevice));
        Assert.True(request.CpuOffload ? group.GpuLayers >= 1 : group.GpuLayers == launch.Model.BlockCount + 1);
        Assert.True(nodes.Length <= (request.NodeLimit ?? int.MaxValue));
        Assert.True(group.LayersPerDevice.Length <= request.MostDevices);

        var device = 0;
        foreach (var node in nodes)
        {
            Assert.Equal(node.Gpus, node.Layers.Length);
            for (var gpu = 0; gpu < node.Gpus; gpu++, device++)
                Assert.True(group.Estimate.Devices[device].Total <= node.UsableBytesPerGpu, $"{node.Node} GPU {gpu} is overcommitted");
        }

        Assert.True(group.Estimate.Host.Total + request.HostMemoryMargin <= group.Leader.HostMemory);
        if (request.LeaderNode is { } leader)
            Assert.Equal(leader, group.Leader.Node);
        else
            Assert.All(group.Workers, w => Assert.True(Pool(fleet, w) <= Pool(fleet, group.Leader), "the leader's pool is not the largest"));
        for (var i = 1; i < group.Workers.Length; i++)
            Assert.True(group.Workers[i].ShapeIndex - group.Workers[i - 1].ShapeIndex is 0 or 1);
    }

    private static Bytes Pool(Fleet fleet, PlannedNode node)
    {
        var pool = fleet.Find(node.Node)!.Devices.First(d => d.ResourceName == node.ResourceName);
        return pool.MemoryPerGpu * pool.FreeForGroup;
    }
}
