using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// Finds a deployment's model without holding up the others: a plan in force knows it already, and a source that is slow is waited for
/// elsewhere, with the deployment coming back when it has answered.
/// </summary>
internal sealed class ModelInspection(ModelInspector inspector, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan TransientRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PermanentRetry = TimeSpan.FromMinutes(5);

    /// <summary>Called when a slow source has answered.</summary>
    public Action<DeploymentKey>? Answered { get; set; }

    public async Task<Finding> FindAsync(
        ModelDeployment deployment, ImmutableSortedDictionary<int, PlannedGroup> plans, CancellationToken cancellationToken)
    {
        var source = SpecHash.Source(deployment.Spec);
        if (Known(plans.Values, source, ModelSource.Engine(deployment.Spec)) is { } known)
            return new Finding(known, null, null);
        // What is waited for here: a slow source goes on without us.
        using var activity = OperatorTracing.Begin("inspect");
        var answer = inspector.InspectAsync(deployment, cancellationToken);
        if (!answer.IsCompleted)
            await Task.WhenAny(answer, Task.Delay(Patience, time, cancellationToken));
        if (!answer.IsCompleted)
        {
            var key = new DeploymentKey(deployment.Metadata.Namespace ?? "", deployment.Metadata.Name ?? "");
            _ = answer.ContinueWith(
                ended =>
                {
                    // Seen, so that it does not count as unobserved; the next pass asks again and is told the same.
                    _ = ended.Exception;
                    Answered?.Invoke(key);
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            return new Finding(null, null, null);
        }
        try
        {
            return new Finding(await answer, null, null);
        }
        catch (InspectionFailedException failure)
        {
            return new Finding(null, failure, failure.IsTransient ? TransientRetry : PermanentRetry);
        }
    }

    /// <summary>The model as a plan in force knows it.</summary>
    public static InspectedModel? Known(ImmutableArray<GroupView> groups) => groups.IsEmpty ? null : InspectedModel.Of(groups[0].Group);

    /// <summary>The model as a plan for the same source and engine knows it; null when there is none.</summary>
    public static InspectedModel? Known(IEnumerable<PlannedGroup> plans, string source, EngineType engine) =>
        plans.FirstOrDefault(plan => plan.SourceKey == source && plan.Engine == engine) is { } plan ? InspectedModel.Of(plan) : null;

    /// <summary>The model, or why it is not known; neither while the source has not answered.</summary>
    internal sealed record Finding(InspectedModel? Model, InspectionFailedException? Failure, TimeSpan? LookAgain);
}
