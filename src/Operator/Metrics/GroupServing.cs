using GpuStack.Operator.Status;

namespace GpuStack.Operator.Metrics;

/// <summary>Whether a group serves at one moment. Pure.</summary>
/// <param name="Index">The group.</param>
/// <param name="Serves">Whether all of it is Ready.</param>
/// <param name="Cause">What keeps it from that, if so.</param>
internal sealed record GroupServing(int Index, bool Serves, RecoveryCause Cause)
{
    public static GroupServing Of(GroupView group) => new(group.Index, group.Ready, CauseOf(group));

    private static RecoveryCause CauseOf(GroupView group)
    {
        if (!group.Nodes.Unready.IsEmpty || !group.Nodes.Lost.IsEmpty || !group.HeadNode.Unready.IsEmpty || !group.HeadNode.Lost.IsEmpty)
            return RecoveryCause.Node;
        if (group.Outdated)
            return RecoveryCause.Update;
        return group.Pods.Length >= group.WantedPods && group.Pods.All(pod => pod.Ready || (!pod.Terminating && pod.EngineSince is not null))
            ? RecoveryCause.Engine
            : RecoveryCause.Pod;
    }
}
