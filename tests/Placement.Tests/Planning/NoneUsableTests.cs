using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>The message of a plan for which no node counts, whatever its size.</summary>
public sealed class NoneUsableTests
{
    [Fact]
    public void GPUs_that_are_all_taken_are_counted()
    {
        Assert.Equal("All 6 GPUs are taken.", Message([Nvidia("a", 2), Nvidia("b", 4), CpuOnly("cpu")], [Pod("a", 2), Pod("b", 4)]));
        Assert.Equal("The only GPU is taken.", Message([Nvidia("a", 1)], [Pod("a", 1)]));
    }

    [Fact]
    public void Nodes_without_GPUs_are_said_to_have_none()
    {
        Assert.Equal("There are no nodes.", Message([], []));
        Assert.Equal("The only node offers no GPU.", Message([CpuOnly("cpu")], []));
        Assert.Equal("None of the 2 nodes offers a GPU.", Message([CpuOnly("cpu-0"), CpuOnly("cpu-1")], []));
    }

    [Fact]
    public void Several_reasons_are_counted()
    {
        NodeFacts[] nodes =
        [
            Nvidia("a", 1), Nvidia("b", 2), Nvidia("c", 1) with { Unschedulable = true }, Nvidia("d", 1) with { Ready = false }, CpuOnly("cpu"),
        ];
        Assert.Equal("None of the 4 nodes with GPUs may be used: AllGpusTaken 2, Cordoned 1, NotReady 1.", Message(nodes, [Pod("a", 1), Pod("b", 2)]));
        Assert.Equal("The only node with GPUs may not be used: Cordoned.", Message(nodes[2..3], []));
    }

    private static string Message(NodeFacts[] nodes, PodFacts[] pods)
    {
        var request = new PlacementRequest { Name = "test", Launch = SyntheticModels.Launch(SyntheticModels.Llama8B, 8192), CpuRequestMillis = 1000 };
        var plan = Planner.Plan(FleetBuilder.Build(nodes, pods, ProductTable.Default), request, []);
        Assert.False(plan.Feasible);
        return plan.Message;
    }
}
