using GpuStack.Entities.V1Alpha1.Status;

namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>
/// Counts the GPUs that the operator believes to be free, by asking it for a plan of one GPU more than there are; nothing is run. A GPU that it has
/// forgotten to give back, or to count, is found although nobody wants it yet.
/// </summary>
internal sealed class Census(RecoveryScene scene)
{
    private const string Name = "census";

    /// <summary>What the operator counts otherwise than the picture does.</summary>
    /// <param name="picture">The cluster, when nothing is at work.</param>
    public async Task<IReadOnlyList<string>> TakeAsync(ClusterPicture picture)
    {
        List<string> wrong = [];
        foreach (var product in new[] { FaultDeployment.SmallPool, FaultDeployment.LargePool })
        {
            var free = picture.FreeGpus(product);
            var counted = (await PlanAsync(product, free.Values.Sum() + 1)).CountBy(group => group.Leader?.Node ?? "", StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
            wrong.AddRange(free.Keys.Union(counted.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Where(node => free.GetValueOrDefault(node) != counted.GetValueOrDefault(node))
                .Select(node => $"node {node} has {free.GetValueOrDefault(node)} GPUs free, and the operator counts {counted.GetValueOrDefault(node)}"));
        }
        return wrong;
    }

    private async Task<IReadOnlyList<GroupStatus>> PlanAsync(string product, int replicas)
    {
        var one = new FaultDeployment(Name, FaultShape.OneGpu, replicas, "planOnly: true");
        await scene.ApplySpecAsync(Name, one.Spec.Replace(FaultDeployment.LargePool, product, StringComparison.Ordinal));
        await scene.AdvanceAsync(TimeSpan.FromSeconds(1));
        var groups = scene.Deployment(Name)?.Status?.Groups ?? [];
        await scene.DeleteAsync(Name);
        await scene.AdvanceAsync(TimeSpan.FromSeconds(1));
        return groups;
    }
}
