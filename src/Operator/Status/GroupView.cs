using System.Collections.Immutable;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Status;

/// <summary>One group as it is: its plan, its pods, its nodes. Pure.</summary>
/// <param name="Group">The plan in force.</param>
/// <param name="Pods">All pods of the group, of whatever plan.</param>
/// <param name="Nodes">The state of the plan's nodes.</param>
/// <param name="TemplateHash">The template that its pods should be made from.</param>
/// <param name="InputHash">The input that its plan should be made for.</param>
/// <param name="WantedPods">How many pods it should have.</param>
internal sealed record GroupView(
    PlannedGroup Group,
    ImmutableArray<PodObservation> Pods,
    NodeVerdict Nodes,
    string TemplateHash,
    string InputHash,
    int WantedPods)
{
    /// <summary>The state of the node of a dedicated head, which is no part of the plan: the scheduler chooses it.</summary>
    public NodeVerdict HeadNode { get; init; } = NodeVerdict.Fine;

    /// <summary>The group's index.</summary>
    public int Index => Group.Index;

    /// <summary>Whether leader and workers are all there, follow one plan, and are Ready.</summary>
    public bool Ready =>
        Nodes.Unready.IsEmpty
        && Pods.Length == CompletePods
        && Pods.All(pod => pod.Ready)
        && Pods.All(pod => pod.PlanHash == Pods[0].PlanHash)
        && Pods.Any(pod => pod.Role == GroupLabels.LeaderRole);

    /// <summary>Whether every pod is bound to a node.</summary>
    public bool Scheduled => Pods.Length >= CompletePods && Pods.All(pod => pod.Node is not null);

    /// <summary>Whether plan and pods are those of the present spec.</summary>
    public bool Updated =>
        Group.InputHash == InputHash && Pods.Length == WantedPods && Pods.All(pod => !pod.Terminating && IsCurrent(pod));

    /// <summary>Whether the plan or some pod is of an older spec.</summary>
    public bool Outdated => Group.InputHash != InputHash || Pods.Any(pod => !IsCurrent(pod));

    /// <summary>Restarts of all containers.</summary>
    public int Restarts => Pods.Sum(pod => pod.Restarts);

    /// <summary>The pod that says most about why the group is not Ready.</summary>
    public PodObservation? Blocker => Pods.Where(pod => !pod.Ready).OrderBy(Weight).ThenBy(pod => pod.Name, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Whether a pod was made from the present template of the present plan.</summary>
    public bool IsCurrent(PodObservation pod) => pod.PlanHash == Group.Hash && pod.TemplateHash == TemplateHash;

    /// <summary>
    /// How many pods make the group complete. A head of Ray comes and goes by the spec alone, and pods of an older spec are as that wanted them:
    /// what serves must not count as broken because another spec wants one pod more.
    /// </summary>
    private int CompletePods => Pods.Any(IsCurrent)
        ? WantedPods
        : 1 + Group.Plan.Workers.Length + Pods.Count(pod => pod.Role == GroupLabels.HeadRole);

    /// <summary>What keeps the group from being Ready, in a sentence; null when it is Ready.</summary>
    public string? Message
    {
        get
        {
            if (Ready)
                return null;
            if (!Nodes.Unready.IsEmpty)
                return $"node {Nodes.Unready[0]} is not Ready";
            if (Nodes.Lost is [var gone, ..])
                return $"node {gone} is gone";
            if (HeadNode.Unready is [var headless, ..])
                return $"node {headless} of the Ray head is not Ready";
            if (Blocker is { Message: { } message } blocker)
                return blocker.Since is { } since ? $"{message} (since {since.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ})" : message;
            return Pods.Length < WantedPods ? $"{Pods.Length} of {WantedPods} pods exist" : "pods are being replaced";
        }
    }

    private static int Weight(PodObservation pod) => pod.Reason switch
    {
        "PodUnschedulable" => 0,
        "PodStarting" => 2,
        "PodTerminating" => 3,
        _ => 1,
    };
}
