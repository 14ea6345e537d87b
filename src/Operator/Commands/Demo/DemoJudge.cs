using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>
/// Tells whether a deployment has come to its end. A status may be older than the last event, so it is believed only if
/// the cluster bears it out: Ready needs Ready pods on Ready nodes for every group; a refusal needs a planner that finds
/// no place now either.
/// </summary>
internal sealed class DemoJudge(IKubernetesClient client, OperatorSettings settings)
{
    private static readonly string[] FinalRefusals = [ConditionReasons.NothingFits, ConditionReasons.ConstraintsUnsatisfiable];

    private readonly DemoPlan _plan = new(client, settings);

    public async Task<bool> HasConditionAsync(ModelDeployment subject, string type, string status, CancellationToken cancellationToken)
    {
        var deployment = await client.GetAsync<ModelDeployment>(subject.Metadata.Name!, subject.Metadata.Namespace, cancellationToken);
        return deployment is not null && IsObserved(deployment) && Condition(deployment, type)?.Status == status
            && (type != ConditionTypes.Ready || status != "True" || await IsBorneOutAsync(deployment, cancellationToken));
    }

    public async Task<DemoVerdict> JudgeAsync(ModelDeployment subject, CancellationToken cancellationToken)
    {
        var deployment = await client.GetAsync<ModelDeployment>(subject.Metadata.Name!, subject.Metadata.Namespace, cancellationToken);
        if (deployment is null || !IsObserved(deployment))
            return DemoVerdict.Pending;
        if (Condition(deployment, ConditionTypes.Ready) is { Status: "True" })
            return await IsBorneOutAsync(deployment, cancellationToken) ? DemoVerdict.Ready : DemoVerdict.Pending;
        if (Condition(deployment, ConditionTypes.Stalled) is { Status: "True" } stalled)
            return new DemoVerdict(DemoVerdictKind.Failed, $"{stalled.Reason}: {stalled.Message}");
        if (Condition(deployment, ConditionTypes.Planned) is not { Status: "False" } planned || !FinalRefusals.Contains(planned.Reason))
            return DemoVerdict.Pending;
        var now = await _plan.NowAsync(deployment, cancellationToken);
        return now is { Feasible: true } ? DemoVerdict.Pending : new DemoVerdict(DemoVerdictKind.Failed, $"{planned.Reason}: {planned.Message}");
    }

    private static bool IsObserved(ModelDeployment deployment) => deployment.Status?.ObservedGeneration == deployment.Metadata.Generation;

    private static V1Condition? Condition(ModelDeployment deployment, string type) =>
        deployment.Status?.Conditions?.Find(c => c.Type == type && c.ObservedGeneration == deployment.Metadata.Generation);

    private async Task<bool> IsBorneOutAsync(ModelDeployment deployment, CancellationToken cancellationToken)
    {
        var pods = await client.ListAsync<V1Pod>(
            deployment.Metadata.Namespace,
            new ListOptions { LabelSelector = $"{GroupLabels.Deployment}={deployment.Metadata.Name}" },
            cancellationToken);
        var nodes = await client.ListAsync<V1Node>(cancellationToken: cancellationToken);
        var ready = nodes.Items.Where(FleetFacts.IsReady).Select(n => n.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        var places = pods.Items.Where(p => IsReady(p) && ready.Contains(p.Spec?.NodeName))
            .Select(p => (Group: p.Metadata.Labels!.GetValueOrDefault(GroupLabels.Group), Node: p.Spec!.NodeName)).ToHashSet();
        return (deployment.Status?.Groups ?? []).All(group =>
            (group.Workers ?? []).Append(group.Leader!).All(member => places.Contains((group.Index.ToString(), member.Node))));
    }

    private static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Find(c => c.Type == "Ready")?.Status == "True";
}
