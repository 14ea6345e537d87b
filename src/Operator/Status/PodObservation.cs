using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;

namespace GpuStack.Operator.Status;

/// <summary>What a pod of a group says about itself, as far as the group's status needs it. Pure.</summary>
/// <param name="Name">The pod's name.</param>
/// <param name="Role">Leader or worker.</param>
/// <param name="Node">The node it is bound to; null before.</param>
/// <param name="PlanHash">The plan it was made for.</param>
/// <param name="TemplateHash">The template it was made from.</param>
/// <param name="Terminating">Whether it is being deleted.</param>
/// <param name="Ready">Whether it is Ready.</param>
/// <param name="UnschedulableSince">Since when no node takes it; null when it is scheduled or not yet tried.</param>
/// <param name="Restarts">Restarts of its containers.</param>
/// <param name="Reason">A CamelCase word for what keeps it from being Ready; null when Ready.</param>
/// <param name="Message">The same in a sentence, with the scheduler's or kubelet's own words.</param>
internal sealed record PodObservation(
    string Name,
    string Role,
    string? Node,
    string PlanHash,
    string TemplateHash,
    bool Terminating,
    bool Ready,
    DateTimeOffset? UnschedulableSince,
    int Restarts,
    string? Reason,
    string? Message)
{
    /// <summary>Reasons of waiting containers that a kubelet gives up on only for a while, and that somebody should look at.</summary>
    private static readonly HashSet<string> Troubles = new(StringComparer.Ordinal)
    {
        "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError",
        "RunContainerError", "CrashLoopBackOff",
    };

    public static PodObservation Of(V1Pod pod)
    {
        var unschedulable = pod.Status?.Conditions?.Find(condition =>
            condition is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" });
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        var ready = !terminating && pod.Status?.Conditions?.Find(condition => condition.Type is "Ready")?.Status is "True";
        var (reason, message) = ready ? (null, null) : Trouble(pod, unschedulable, terminating);
        return new PodObservation(
            pod.Metadata.Name ?? "",
            pod.Metadata.Labels?.GetValueOrDefault(GroupLabels.Role) ?? "",
            pod.Spec?.NodeName is { Length: > 0 } node ? node : null,
            pod.Metadata.Labels?.GetValueOrDefault(GroupLabels.PlanHash) ?? "",
            pod.Metadata.Annotations?.GetValueOrDefault(GroupLabels.TemplateHash) ?? "",
            terminating,
            ready,
            unschedulable is null ? null : unschedulable.LastTransitionTime ?? pod.Metadata.CreationTimestamp,
            (pod.Status?.ContainerStatuses ?? []).Sum(container => container.RestartCount ?? 0),
            reason,
            message);
    }

    private static (string Reason, string Message) Trouble(V1Pod pod, V1PodCondition? unschedulable, bool terminating)
    {
        var name = pod.Metadata.Name;
        if (terminating)
            return ("PodTerminating", $"pod {name} is being deleted");
        if (unschedulable is not null)
            return ("PodUnschedulable", $"pod {name} cannot be scheduled: {unschedulable.Message}");
        foreach (var container in (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []))
        {
            if (container.State?.Waiting is { Reason: { } reason } waiting && Troubles.Contains(reason))
                return (reason, $"pod {name}, container {container.Name}: {Words(reason, waiting.Message)}{LastEnd(container)}");
        }
        if (pod.Status?.Phase is "Failed")
            return ("PodFailed", $"pod {name} failed: {Words(pod.Status.Reason ?? "no reason given", pod.Status.Message)}");
        foreach (var container in pod.Status?.ContainerStatuses ?? [])
        {
            if (container.State?.Terminated is { } ended)
                return ("ContainerTerminated", $"pod {name}, container {container.Name} ended with exit code {ended.ExitCode}{Detail(ended.Message)}");
        }
        return ("PodStarting", pod.Spec?.NodeName is { Length: > 0 } node
            ? $"pod {name} is starting on {node}"
            : $"pod {name} waits to be scheduled");
    }

    private static string LastEnd(V1ContainerStatus container) => container.LastState?.Terminated is { } ended
        ? $" (last exit code {ended.ExitCode}{Detail(ended.Message)})"
        : "";

    private static string Words(string reason, string? message) => string.IsNullOrWhiteSpace(message) ? reason : $"{reason}: {message.Trim()}";

    private static string Detail(string? message) => string.IsNullOrWhiteSpace(message) ? "" : $": {message.Trim()}";
}
