using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Admission;
using GpuStack.Operator.Admission.Reviews;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning.Changes;

namespace GpuStack.Operator.Commands.Plan;

/// <summary>What the webhook would say of a deployment that is planned, with the facts that <c>plan</c> has. Pure.</summary>
internal static class PlanWarnings
{
    /// <summary>
    /// Its warnings, and what it would refuse although it can be planned: a model on a claim whose file was given here, a claim that cannot
    /// become what is wanted.
    /// </summary>
    /// <param name="fleet">Where it is planned, with the deployments and claims that are there.</param>
    /// <param name="deployment">The deployment, with a namespace.</param>
    /// <param name="model">Its model.</param>
    public static IReadOnlyList<string> Of(PlanFleet fleet, ModelDeployment deployment, InspectedModel model)
    {
        var claim = fleet.Storage.Claim(deployment.Metadata.Namespace ?? "", ObjectName.CacheClaim(deployment.Metadata.Name ?? ""));
        var verdict = AdmissionJudge.Judge(
            deployment,
            fleet.Picture?.Find(ClusterPicture.KeyOf(deployment)),
            new AdmissionFacts
            {
                CacheClaim = claim is { Metadata.DeletionTimestamp: null } ? claim : null,
                ModelContext = AdmissionFacts.Known(model.ContextLength),
                ModelBytes = AdmissionFacts.Known(model.WeightBytes),
            });
        return ReviewText.Warnings([.. verdict.Problems.Select(problem => $"refused when applied: {problem}"), .. verdict.Warnings]) ?? [];
    }
}
