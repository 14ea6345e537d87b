namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>One fault of a run.</summary>
/// <param name="At">When, from its round's start.</param>
/// <param name="Heals">When what lasts is over, from its round's start; null: when the next round begins, so that it lasts through the quiet between them.</param>
/// <param name="Kind">What.</param>
/// <param name="Deployment">The index of the deployment that it befalls, where it befalls one.</param>
/// <param name="Pod">Which of the deployment's pods, modulo their number.</param>
/// <param name="Node">The index of the node that it befalls, where it befalls one.</param>
internal sealed record Fault(TimeSpan At, TimeSpan? Heals, FaultKind Kind, int Deployment, int Pod, int Node);
