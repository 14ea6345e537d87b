using GpuStack.Modeling;
using GpuStack.Modeling.Serving;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests.Planning.Serving;

/// <summary>What must hold of every plan for vLLM and SGLang, whatever was asked.</summary>
internal static class ServingPlanChecks
{
    public static void Hold(PlacementPlan plan, Fleet fleet, PlacementRequest request)
    {
        Assert.Equal(plan.Feasible, plan.Groups.Length == request.Replicas);
        Assert.Equal(plan.Feasible, plan.Message.Length == 0);
        var used = plan.Groups.SelectMany(g => g.Workers.Append(g.Leader)).Select(n => n.Node).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(fleet.Nodes.Length - used.Count, plan.Rejected.Sum(r => r.Nodes));
        Assert.All(plan.Rejected, r => Assert.True(r.Message.Length > 0 && r.Examples.Length is > 0 and <= 3));
        foreach (var group in plan.Groups)
            Hold(group, fleet, request);
        foreach (var uses in plan.Groups.SelectMany(g => g.Uses()).GroupBy(u => u.Node, StringComparer.Ordinal))
        {
            var node = fleet.Find(uses.Key)!;
            Assert.All(uses.GroupBy(u => u.ResourceName, StringComparer.Ordinal), gpus =>
                Assert.True(gpus.Sum(u => u.Gpus) <= node.Devices.First(d => d.ResourceName == gpus.Key).Free));
            Assert.True(uses.Sum(u => u.CpuMillis) <= node.FreeCpuMillis);
            Assert.True(uses.Sum(u => u.Memory.Value) <= node.FreeMemory.Value);
        }
    }

    private static void Hold(GroupPlan group, Fleet fleet, PlacementRequest request)
    {
        PlannedNode[] nodes = [group.Leader, .. group.Workers];
        var (tensor, pipeline) = group.Parallelism;
        Assert.Equal(request.TensorParallel ?? tensor, tensor);
        Assert.Equal(request.PipelineParallel ?? pipeline, pipeline);
        Assert.Equal(nodes.Length, nodes.DistinctBy(n => n.Node).Count());
        Assert.True(nodes.Length <= (request.MaxNodes ?? int.MaxValue));
        Assert.Equal(tensor * pipeline, nodes.Sum(n => n.Gpus));
        // Every node has the same number of whole stages.
        Assert.All(nodes, n => Assert.Equal(nodes[0].Gpus, n.Gpus));
        Assert.Equal(0, nodes[0].Gpus % tensor);
        Assert.All(group.Workers, w => Assert.Equal(0, w.ShapeIndex));

        var pools = nodes.Select(n => fleet.Find(n.Node)!.Devices.First(d => d.ResourceName == n.ResourceName)).ToArray();
        Assert.Single(pools.Select(p => (p.Vendor, p.Product)).Distinct());
        Assert.Single(pools.Select(p => p.DriverVersion.Split('.')[0]).Distinct(StringComparer.Ordinal));
        if (request.LeaderNode is { } leader)
            Assert.Equal(leader, group.Leader.Node);
        else if (request.Replicas == 1)
            Assert.All(pools, p => Assert.True(p.MemoryPerGpu * p.FreeForGroup <= pools[0].MemoryPerGpu * pools[0].FreeForGroup));

        // Ranks stand in order, the leader's first; the ranks of one stage hold the same layers, and the stages hold each layer once.
        Assert.Equal(group.LayersPerDevice, nodes.SelectMany(n => n.Layers));
        var stages = group.LayersPerDevice.Chunk(tensor).ToArray();
        Assert.Equal(pipeline, stages.Length);
        Assert.All(stages, stage => Assert.Single(stage.Distinct()));
        Assert.Equal(group.Estimate.Layers, stages.Sum(stage => stage[0]));
        Assert.InRange(group.MemoryFraction!.Value, 0.001, 1);

        var device = 0;
        foreach (var (node, pool) in nodes.Zip(pools))
        {
            for (var gpu = 0; gpu < node.Gpus; gpu++, device++)
                Assert.True(group.Estimate.Devices[device].Total <= GpuProcess.VisibleMemory(pool.MemoryPerGpu), $"{node.Node} GPU {gpu} is overcommitted");
        }

        Assert.Equal(DeviceKind.Host, group.Estimate.Devices[device].Kind);
    }
}
