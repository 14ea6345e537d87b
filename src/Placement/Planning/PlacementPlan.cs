using System.Collections.Immutable;

namespace GpuStack.Placement.Planning;

/// <summary>The answer to a <see cref="PlacementRequest"/>.</summary>
public sealed record PlacementPlan
{
    /// <summary>Every replica has a place.</summary>
    public required bool Feasible { get; init; }

    /// <summary>The engine planned for.</summary>
    public required PlacementEngine Engine { get; init; }

    /// <summary>The replicas that have a place; fewer than asked for when not feasible.</summary>
    public ImmutableArray<GroupPlan> Groups { get; init; } = [];

    /// <summary>The nodes that no group uses, by reason; the counts add up to their number.</summary>
    public ImmutableArray<Rejection> Rejected { get; init; } = [];

    /// <summary>Changes that make it fit, each tried by the planner; empty when feasible.</summary>
    public ImmutableArray<Suggestion> Suggestions { get; init; } = [];

    /// <summary>Why nothing fits, in one sentence with numbers; empty when feasible.</summary>
    public string Message { get; init; } = "";
}
