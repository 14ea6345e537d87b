using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Objects.Nccl;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Planning;

/// <summary>
/// What is turned off after NCCL has failed: only when the engine's own last words are NCCL's, or when the engine has its weights and hangs.
/// One step at a time, for the whole group; none while the spec wants a plan alone, for no pod is replaced then. Pure.
/// </summary>
internal static class NcclLadder
{
    /// <summary>How long a group may hang with its weights loaded.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private const int LongestWords = 300;

    /// <summary>The group with the next step; null when nothing is to be done, or nothing is left.</summary>
    public static PlannedGroup? Next(ModelDeployment deployment, GroupView view)
    {
        if (view.Ready || deployment.Spec.PlanOnly || deployment.Spec.Network.Nccl.Fallback != FeatureState.Enabled || Failure(view) is not { } failure)
            return null;
        return NcclPolicy.Next(EngineContainer.FactsForNccl(deployment, view.Group)) is { } step
            ? view.Group with { Fallback = step, FallbackReason = failure, FallbackSpec = SpecHash.Pods(deployment.Spec) }
            : null;
    }

    /// <summary>The group without steps that were found for another spec; null when it has none.</summary>
    public static PlannedGroup? Reset(ModelDeployment deployment, PlannedGroup group) =>
        group.Fallback is not null && group.FallbackSpec != SpecHash.Pods(deployment.Spec)
            ? group with { Fallback = null, FallbackReason = null, FallbackSpec = null }
            : null;

    /// <summary>How NCCL fails now; null when it does not. Pods of the present template alone: those of the former one failed by what is turned off already.</summary>
    public static string? Failure(GroupView view)
    {
        if (view.Pods.Length < view.WantedPods || !view.Nodes.Unready.IsEmpty || view.Pods.Any(pod => pod.EngineSince is null))
            return null;
        // A rank that was killed takes the others' connections along: then NCCL's words tell a consequence. A hang of minutes is none, for the
        // group begins anew within seconds of a rank's end; and that end stays the last one as long as it hangs.
        var isConsequence = view.Pods.Any(pod => pod.Engine is { WasKilled: true });
        foreach (var pod in view.Pods.Where(view.IsCurrent))
        {
            if (!isConsequence && pod.Engine?.NcclFailure is { } words)
                return Cut($"pod {pod.Name}: {words}");
            if (pod.Engine?.Hanging >= Patience)
                return $"pod {pod.Name}: the weights are loaded, and nothing has happened for {pod.Engine.Hanging.TotalMinutes:0} minutes";
        }
        return null;
    }

    private static string Cut(string text) => text.Length <= LongestWords ? text : text[..LongestWords];
}
