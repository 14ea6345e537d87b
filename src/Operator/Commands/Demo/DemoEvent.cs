using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>One step of an events file.</summary>
/// <param name="After">What is waited for before it.</param>
/// <param name="Action">What is done.</param>
/// <param name="Target">The node, pod or deployment; empty where files are applied.</param>
/// <param name="Namespace">The target's namespace.</param>
/// <param name="Deployments">What is applied.</param>
internal sealed record DemoEvent(
    DemoTrigger After, DemoAction Action, string Target, string Namespace, IReadOnlyList<ModelDeployment> Deployments)
{
    public override string ToString() => Action switch
    {
        DemoAction.NodeDown => $"node {Target} loses power",
        DemoAction.NodeUp => $"node {Target} is back",
        DemoAction.Drain => $"node {Target} is drained",
        DemoAction.PodFail => $"containers of pod {Target} crash",
        DemoAction.Delete => $"deployment {Target} is deleted",
        _ => $"applied: {string.Join(", ", Deployments.Select(d => d.Metadata.Name))}",
    };
}
