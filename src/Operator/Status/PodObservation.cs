using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Objects.Startup;

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
    /// <summary>Since when it is not Ready; null when it is, or that is not known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Since when its engine's container runs; null when it does not.</summary>
    public DateTimeOffset? EngineSince { get; init; }

    /// <summary>What its supervisor last said; null when it said nothing.</summary>
    public EngineReport? Engine { get; init; }

    /// <summary>Reasons of waiting containers that a kubelet gives up on only for a while, and that somebody should look at.</summary>
    private static readonly HashSet<string> Troubles = new(StringComparer.Ordinal)
    {
        "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError",
        "RunContainerError", "CrashLoopBackOff",
    };

    /// <param name="pod">The pod.</param>
    /// <param name="engine">What its supervisor last said; null when it said nothing.</param>
    public static PodObservation Of(V1Pod pod, EngineReport? engine = null)
    {
        var unschedulable = pod.Status?.Conditions?.Find(condition =>
            condition is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" });
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        var condition = ReadyCondition(pod);
        var ready = IsReady(pod);
        var engineSince = pod.Status?.ContainerStatuses?.Find(container => container.Name == EngineContainer.Name)?.State?.Running?.StartedAt;
        var (reason, message) = ready ? (null, null) : Trouble(pod, unschedulable, terminating, engine);
        return new PodObservation(
            pod.Metadata.Name ?? "",
            pod.Metadata.Labels?.GetValueOrDefault(GroupLabels.Role) ?? "",
            pod.Spec?.NodeName is { Length: > 0 } node ? node : null,
            pod.Metadata.Labels?.GetValueOrDefault(GroupLabels.PlanHash) ?? "",
            pod.Metadata.Annotations?.GetValueOrDefault(GroupLabels.TemplateHash) ?? "",
            terminating,
            ready,
            unschedulable is null ? null : unschedulable.LastTransitionTime ?? pod.Metadata.CreationTimestamp,
            (pod.Status?.ContainerStatuses ?? []).Sum(container => container.RestartCount ?? 0) + (engine?.Restarts ?? 0),
            reason,
            message)
        {
            Since = ready ? null : condition?.LastTransitionTime ?? pod.Metadata.CreationTimestamp,
            EngineSince = engineSince,
            Engine = engine,
        };
    }

    /// <summary>Whether a pod is Ready, and is to stay.</summary>
    public static bool IsReady(V1Pod pod) => pod.Metadata.DeletionTimestamp is null && ReadyCondition(pod)?.Status is "True";

    private static V1PodCondition? ReadyCondition(V1Pod pod) => pod.Status?.Conditions?.Find(condition => condition.Type is "Ready");

    private static (string Reason, string Message) Trouble(V1Pod pod, V1PodCondition? unschedulable, bool terminating, EngineReport? engine)
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
        if (Init(pod) is { } init)
            return ("PodStarting", init);
        if (engine is { Message.Length: > 0 })
            return (engine.GaveUp ? "EngineFailing" : "EngineStarting", $"pod {name}: {engine.Message}");
        return ("PodStarting", pod.Spec?.NodeName is { Length: > 0 } node
            ? $"pod {name} is starting on {node}"
            : $"pod {name} waits to be scheduled");
    }

    /// <summary>The init container that runs.</summary>
    private static string? Init(V1Pod pod) =>
        (pod.Status?.InitContainerStatuses ?? []).Find(container => container.State?.Running is not null) is { } container
            ? container.Name == ModelFetch.ContainerName
                ? $"pod {pod.Metadata.Name} fetches the model"
                : $"pod {pod.Metadata.Name} runs its init container {container.Name}"
            : null;

    private static string LastEnd(V1ContainerStatus container) => container.LastState?.Terminated is { } ended
        ? $" (last exit code {ended.ExitCode}{Detail(ended.Message)})"
        : "";

    private static string Words(string reason, string? message) => string.IsNullOrWhiteSpace(message) ? reason : $"{reason}: {message.Trim()}";

    private static string Detail(string? message) => string.IsNullOrWhiteSpace(message) ? "" : $": {message.Trim()}";
}
