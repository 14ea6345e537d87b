namespace GpuStack.Placement.Fleets;

/// <summary>A fault of the node itself: no request can use it.</summary>
/// <param name="Reason">One of <see cref="Planning.RejectionReasons"/>.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record NodeProblem(string Reason, string Message);
