using System.Collections.Immutable;
using GpuStack.Entities.Conditions;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// Carries out what was decided: applies children, removes those of given-up plans, and deletes pods whose group has its turn to be
/// replaced. A group whose turn has not come keeps its StatefulSets, whatever the spec says meanwhile.
/// </summary>
internal sealed class GroupExecutor(ClusterView cluster, ChildWriter writer, OperatorSettings settings, ILogger<GroupExecutor> logger)
{
    private const string OutOfService = "node.kubernetes.io/out-of-service";

    /// <summary>Executes, and returns the view with what went wrong.</summary>
    public async Task<DeploymentView> ExecuteAsync(DeploymentView view, DeploymentKey key, IReadOnlySet<int> turns, CancellationToken cancellationToken)
    {
        var deployment = view.Deployment;
        var present = cluster.Children(key).ToList();
        var apply = new List<IKubernetesObject>(DeploymentObjects.Build(deployment, settings));
        var keep = new List<IKubernetesObject>(apply);
        var moving = new List<GroupView>();
        foreach (var group in view.Groups)
        {
            var objects = GroupObjects.Build(deployment, group.Group, settings);
            keep.AddRange(objects);
            var held = UpdateTurns.IsHeld(group, turns, view.Broken);
            apply.AddRange(held ? objects.Where(child => child is not V1StatefulSet || !Exists(child, present)) : objects);
            if (!held)
                moving.Add(group);
        }
        try
        {
            var applied = await writer.ApplyAsync(deployment, apply, present, cancellationToken);
            if (applied.Count > 0)
                LogMessages.Applied(logger, key.ToString(), applied.Count, string.Join(", ", applied.Select(child => $"{child.Kind} {child.Metadata.Name}")));
            await writer.PruneAsync(deployment, keep, present, cancellationToken);
            foreach (var group in moving)
                await ReplacePodsAsync(key, group, cancellationToken);
            foreach (var group in view.Groups.Where(group => !view.FleetMostlyDown && !group.HeadNode.Lost.IsEmpty))
                await ReleaseHeadAsync(key, group, cancellationToken);
            return view;
        }
        catch (NameConflictException conflict)
        {
            return view with { Problem = new StalledProblem(ConditionReasons.NameConflict, conflict.Message) };
        }
        catch (FeatureUnavailableException missing)
        {
            return view with { Problem = new StalledProblem(ConditionReasons.FeatureUnavailable, missing.Message) };
        }
        catch (LeftoverException leftover)
        {
            return view with { ApplyFailure = leftover.Message };
        }
        catch (KubernetesException refusal) when (!refusal.IsConflict)
        {
            LogMessages.Refused(logger, key.ToString(), refusal.Message);
            return view with { ApplyFailure = refusal.Message, Creation = CreationRefusal.OfChild(refusal.Message) };
        }
    }

    private async Task ReplacePodsAsync(DeploymentKey key, GroupView group, CancellationToken cancellationToken)
    {
        foreach (var (pod, seen) in PodsOf(key, group))
        {
            if (group.IsCurrent(seen))
                continue;
            var lost = seen.Node is { } node && IsLost(node);
            var force = lost && !HoldsExclusiveVolume(key, pod, seen.Node!);
            // A pod that is ending already is hurried only where nobody would ever confirm its end.
            if (seen.Terminating && !force)
                continue;
            LogMessages.PodDeleted(logger, key.ToString(), seen.Name, lost ? $"its node {seen.Node} is lost" : "its group is replaced");
            await writer.DeletePodAsync(key.Namespace, pod, force, cancellationToken);
        }
    }

    /// <summary>A dedicated head on a lost node is deleted by force, so that it can start elsewhere; the plan says nothing of its place.</summary>
    private async Task ReleaseHeadAsync(DeploymentKey key, GroupView group, CancellationToken cancellationToken)
    {
        foreach (var (pod, seen) in PodsOf(key, group))
        {
            if (seen is not { Role: GroupLabels.HeadRole, Node: { } node } || !group.HeadNode.Lost.Contains(node))
                continue;
            LogMessages.PodDeleted(logger, key.ToString(), seen.Name, $"its node {node} is lost");
            await writer.DeletePodAsync(key.Namespace, pod, force: true, cancellationToken);
        }
    }

    private IEnumerable<(V1Pod Pod, PodObservation Seen)> PodsOf(DeploymentKey key, GroupView group) => cluster.Pods(key)
        .Where(pod => pod.Metadata.Labels?.GetValueOrDefault(GroupLabels.Group) == $"{group.Index}")
        .Select(pod => (pod, PodObservation.Of(pod)));

    private bool IsLost(string name) => cluster.Node(name) is not { } node || !FleetFacts.IsReady(node);

    /// <summary>A volume that one node at a time may write must not be given to another while the lost node may still be writing.</summary>
    private bool HoldsExclusiveVolume(DeploymentKey key, V1Pod pod, string nodeName)
    {
        if (cluster.Node(nodeName) is not { } node || node.Spec?.Taints?.Exists(taint => taint.Key == OutOfService) is true)
            return false;
        var claims = cluster.Children<V1PersistentVolumeClaim>(key).ToDictionary(claim => claim.Metadata.Name ?? "", StringComparer.Ordinal);
        return (pod.Spec?.Volumes ?? []).Any(volume =>
            volume.PersistentVolumeClaim is { ClaimName: { } name, ReadOnly: not true }
            && (!claims.TryGetValue(name, out var claim) || claim.Spec?.AccessModes?.Contains("ReadWriteMany") is not true));
    }

    private static bool Exists(IKubernetesObject child, List<IKubernetesObject> present) =>
        present.Exists(known => known.GetType() == child.GetType() && known.Metadata.Name == child.Metadata.Name);
}
