using System.Collections.Immutable;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning;

/// <summary>What the desk decided for one deployment.</summary>
/// <param name="Groups">The plans in force, by group; running groups keep theirs.</param>
/// <param name="Refusal">The planner's answer for a group that has no place; null when every group has one.</param>
/// <param name="Refused">What kind of group has no place; null when every group has one.</param>
internal sealed record PlanningOutcome(
    ImmutableSortedDictionary<int, PlannedGroup> Groups,
    PlacementPlan? Refusal,
    RefusedGroup? Refused);

/// <summary>Which group has no place.</summary>
internal enum RefusedGroup
{
    /// <summary>One that never ran.</summary>
    New,

    /// <summary>One that runs by an older spec and goes on running.</summary>
    Changed,

    /// <summary>One that cannot run where it was.</summary>
    Broken,
}
