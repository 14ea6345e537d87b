namespace GpuStack.Placement.Planning;

/// <summary>A change with which the planner found a placement.</summary>
/// <param name="Change">What to change, such as <c>contextLength: 4096</c>.</param>
/// <param name="Effect">What then happens.</param>
public sealed record Suggestion(string Change, string Effect);
