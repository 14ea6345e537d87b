using System.Collections.Immutable;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning.Changes;

/// <summary>What applying a spec would do.</summary>
/// <param name="Groups">Every group that is there or will be, by index.</param>
/// <param name="Notes">Sentences on the order of the changes and on objects that change without any pod.</param>
/// <param name="Refusal">The planner's answer for a group that has no place; null when every group has one.</param>
internal sealed record ChangePreview(ImmutableArray<GroupChange> Groups, ImmutableArray<string> Notes, PlacementPlan? Refusal)
{
    /// <summary>Where groups will run when everything is done.</summary>
    public ImmutableArray<GroupPlan> Plans => [.. Groups.Select(group => group.To).OfType<GroupPlan>()];
}
