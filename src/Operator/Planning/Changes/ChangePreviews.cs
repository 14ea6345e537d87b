using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Controllers;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning.Volumes;
using GpuStack.Operator.Status;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning.Changes;

/// <summary>Says what applying a deployment would do to a cluster as it is, before it is applied. Pure.</summary>
internal static class ChangePreviews
{
    /// <summary>The preview.</summary>
    /// <param name="picture">The cluster.</param>
    /// <param name="wanted">The deployment as it would be applied, with the schema's defaults and a namespace.</param>
    /// <param name="model">Its model.</param>
    /// <param name="settings">The installation's settings.</param>
    /// <param name="now">The present.</param>
    public static ChangePreview Of(ClusterPicture picture, ModelDeployment wanted, InspectedModel model, OperatorSettings settings, DateTimeOffset now)
    {
        var present = picture.Find(ClusterPicture.KeyOf(wanted));
        if (present is not null)
        {
            // Applying changes the spec alone.
            wanted.Metadata.Uid = present.Metadata.Uid;
            wanted.Metadata.CreationTimestamp = present.Metadata.CreationTimestamp;
        }
        var input = PlanningInputs.Of(wanted, model, new SnapshotVolumes(picture.Snapshot), priority: 0, settings);
        var rehearsal = new ChangeRehearsal(picture, wanted, input, settings, now);
        var intent = SpecJudgement.Intent(wanted.Spec);
        if (intent != DeploymentIntent.Run)
            return OfIdle(rehearsal.Before, intent, wanted, present, settings);
        var outcome = rehearsal.Run();
        var why = present is null ? null : SpecDifference.Describe(present.Spec, wanted.Spec);
        var indexes = rehearsal.Before.Select(view => view.Index).Union(outcome.Groups.Keys).Union(Enumerable.Range(0, wanted.Spec.Replicas)).Order();
        ImmutableArray<GroupChange> changes = [.. indexes.Select(index => Change(index, rehearsal, outcome, wanted, why))];
        return new ChangePreview(changes, Notes(changes, rehearsal, wanted, present, settings), outcome.Refusal);
    }

    private static GroupChange Change(int index, ChangeRehearsal rehearsal, PlanningOutcome outcome, ModelDeployment wanted, string? why)
    {
        var before = rehearsal.Before.FirstOrDefault(view => view.Index == index);
        var (from, to) = (before?.Group.Plan, outcome.Groups.GetValueOrDefault(index)?.Plan);
        if (before is null || from is null)
        {
            return to is not null
                ? new GroupChange(index, ChangeAction.Create, null, to, $"spec.replicas is {wanted.Spec.Replicas}")
                : new GroupChange(index, ChangeAction.Create, null, null, $"waits for capacity: {outcome.Refusal?.Message}");
        }
        if (to is null)
            return new GroupChange(index, ChangeAction.Remove, from, null, $"spec.replicas is {wanted.Spec.Replicas}");
        if (!rehearsal.ReplacedAt.ContainsKey(index))
        {
            return before.Outdated || rehearsal.Broken.Contains(index)
                ? new GroupChange(index, ChangeAction.Keep, from, to, Kept(index, rehearsal, outcome))
                : new GroupChange(index, ChangeAction.Unchanged, from, to, why is null ? "nothing changed" : $"{why}, which is nothing to its pods");
        }
        if (before.Pods.IsEmpty)
            return new GroupChange(index, ChangeAction.Create, null, to, "its pods do not exist yet");
        var reason = rehearsal.Broken.Contains(index) ? $"it cannot run where it is: {before.Message ?? "its pods are not scheduled"}" : why ?? "its pods are of an older spec";
        return SamePlace(from, to)
            ? new GroupChange(index, ChangeAction.Restart, from, to, reason)
            : new GroupChange(index, ChangeAction.Move, from, to, reason);
    }

    private static string Kept(int index, ChangeRehearsal rehearsal, PlanningOutcome outcome)
    {
        var refusal = outcome.Refusal is { Message.Length: > 0 } answer ? $": {answer.Message}" : "";
        return rehearsal.Broken.Contains(index)
            ? $"it cannot run where it is, and has no other place{refusal}"
            : $"the new spec has no place, so it goes on running by the older one{refusal}";
    }

    /// <summary>Nothing is to run, or nothing is to be touched.</summary>
    private static ChangePreview OfIdle(ImmutableArray<GroupView> before, DeploymentIntent intent, ModelDeployment wanted, ModelDeployment? present, OperatorSettings settings)
    {
        var (action, why) = intent switch
        {
            DeploymentIntent.PlanOnly => (ChangeAction.Unchanged, "spec.planOnly is true: the operator plans, and touches nothing"),
            DeploymentIntent.Suspended => (ChangeAction.Remove, "spec.suspend is true: no group runs, and the cache stays"),
            _ => (ChangeAction.Remove, "spec.replicas is 0: no group runs, and the cache stays"),
        };
        return new ChangePreview(
            [.. before.Select(view => new GroupChange(view.Index, action, view.Group.Plan, action == ChangeAction.Remove ? null : view.Group.Plan, why))],
            [$"{why}.", .. intent == DeploymentIntent.PlanOnly ? [] : OfObjects(wanted, present, settings)],
            null);
    }

    private static ImmutableArray<string> Notes(
        ImmutableArray<GroupChange> changes, ChangeRehearsal rehearsal, ModelDeployment wanted, ModelDeployment? present, OperatorSettings settings)
    {
        var notes = ImmutableArray.CreateBuilder<string>();
        var replaced = changes.Where(change => change.Action is ChangeAction.Restart or ChangeAction.Move)
            .GroupBy(change => rehearsal.ReplacedAt[change.Group]).OrderBy(round => round.Key).ToList();
        if (replaced.Count > 0 && wanted.Spec.UpdateStrategy.Type == UpdateStrategyType.OnDelete)
            notes.Add("updateStrategy is OnDelete: nothing restarts until the pod of a group's leader is deleted.");
        else if (replaced.Count > 0)
            notes.Add($"Order, by updateStrategy.maxUnavailable {wanted.Spec.UpdateStrategy.MaxUnavailable}: {string.Join(", then ", replaced.Select(round => Groups(round)))}.");
        if (replaced.Count > 0 && wanted.Spec.UpdateStrategy.Type != UpdateStrategyType.OnDelete
            && replaced.Exists(round => round.Count() == changes.Count(change => change.From is not null)))
            notes.Add("The deployment does not answer while its pods are replaced.");
        notes.AddRange(OfObjects(wanted, present, settings));
        return notes.ToImmutable();
    }

    private static string Groups(IEnumerable<GroupChange> changes)
    {
        var indexes = changes.Select(change => $"{change.Group}").ToArray();
        return $"{(indexes.Length == 1 ? "group" : "groups")} {string.Join(" and ", indexes)}";
    }

    private static ImmutableArray<string> OfObjects(ModelDeployment wanted, ModelDeployment? present, OperatorSettings settings) =>
        present is not null && ObjectChanges.Of(present, wanted, settings) is { IsEmpty: false } objects
            ? [$"Without restarting a pod: {string.Join(", ", objects)}."]
            : [];

    private static bool SamePlace(GroupPlan from, GroupPlan to) => Place(from.Leader) == Place(to.Leader) && Places(from.Workers).SequenceEqual(Places(to.Workers));

    private static IEnumerable<(string Node, int Gpus, string Resource)> Places(ImmutableArray<PlannedNode> workers) =>
        workers.Select(Place).OrderBy(place => place.Node, StringComparer.Ordinal);

    private static (string Node, int Gpus, string Resource) Place(PlannedNode node) => (node.Node, node.Gpus, node.ResourceName);
}
