using System.Collections.Immutable;

namespace GpuStack.Placement.Planning;

/// <summary>Nodes that were not used, for one reason.</summary>
/// <param name="Reason">One of <see cref="RejectionReasons"/>.</param>
/// <param name="Message">A sentence with numbers.</param>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Examples">Up to three of their names.</param>
public sealed record Rejection(string Reason, string Message, int Nodes, ImmutableArray<string> Examples);
