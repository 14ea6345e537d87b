using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning;

/// <summary>Decides where the groups of a deployment run. Pure: equal input, equal plan.</summary>
public static class Planner
{
    /// <summary>Plans all replicas of a request.</summary>
    /// <param name="fleet">The fleet as it is.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="assumed">What earlier plans take and the fleet does not show yet.</param>
    /// <returns>The plan.</returns>
    public static PlacementPlan Plan(Fleet fleet, PlacementRequest request, IReadOnlyCollection<AssumedUse> assumed) =>
        new() { Feasible = false, Engine = request.Engine };
}
