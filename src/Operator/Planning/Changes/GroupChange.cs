using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning.Changes;

/// <summary>What applying a spec does to one group, and why.</summary>
/// <param name="Group">The group's index.</param>
/// <param name="Action">What happens.</param>
/// <param name="From">Where it runs; null for a group that is new.</param>
/// <param name="To">Where it will run; null when it ends, or has no place.</param>
/// <param name="Reason">Why, in a clause.</param>
internal sealed record GroupChange(int Group, ChangeAction Action, GroupPlan? From, GroupPlan? To, string Reason);
