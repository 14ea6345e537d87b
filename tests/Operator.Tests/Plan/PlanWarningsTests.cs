using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Operator.Commands.Plan;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning.Changes;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Tests.Plan;

public class PlanWarningsTests
{
    [Fact]
    public async Task A_change_of_what_serves_in_the_cluster_is_warned_of_as_the_webhook_does()
    {
        var present = Inputs.Small();
        present.Status = new ModelDeploymentStatus { ReadyReplicas = 1 };
        var wanted = Inputs.Small("engine: {contextLength: 4096}");

        Assert.StartsWith("the change restarts the group that serves", Assert.Single(await WarningsAsync(wanted, present)), StringComparison.Ordinal);
        Assert.Empty(await WarningsAsync(wanted, Inputs.Small(name: "other")));
    }

    private static async Task<IReadOnlyList<string>> WarningsAsync(ModelDeployment wanted, ModelDeployment present)
    {
        var picture = new ClusterPicture(new ClusterSnapshot(Inputs.Nodes("gpu", 1), [], PodsGiven: true), [present], [], []);
        return PlanWarnings.Of(PlanFleet.Of(picture, wanted, ProductTable.Default), wanted, new InspectedModel { Gguf = await Inputs.ModelAsync(wanted) });
    }
}
