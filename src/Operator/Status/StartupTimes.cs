using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Supervision;

namespace GpuStack.Operator.Status;

/// <summary>When the time is over that groups have from their engines' start to Ready. Pure.</summary>
internal static class StartupTimes
{
    /// <summary>The ends of the times of all pods that are not Ready and whose engine's container runs.</summary>
    public static IEnumerable<DateTimeOffset> Of(IEnumerable<GroupView> groups, EngineSpec engine) =>
        groups.SelectMany(group => group.Pods).Select(pod => End(pod, engine)).OfType<DateTimeOffset>();

    /// <summary>Whether the time of one of a group's pods is over.</summary>
    public static bool AreOver(GroupView group, EngineSpec engine, DateTimeOffset now) => group.Pods.Any(pod => End(pod, engine) <= now);

    /// <summary>From the later of the container's start and the moment when it ceased to be Ready.</summary>
    private static DateTimeOffset? End(PodObservation pod, EngineSpec engine)
    {
        // Waiting for others, whose images may be on their way, is not starting.
        if (pod.Ready || pod.Terminating || pod.Engine is { State: nameof(SupervisorState.Waiting) } || pod.EngineSince is not { } since)
            return null;
        return (pod.Since > since ? pod.Since.Value : since) + engine.StartupTimeout.ToTimeSpan();
    }
}
