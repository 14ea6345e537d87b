using System.Runtime.InteropServices;

namespace GpuStack.Placement.Planning.Report;

/// <summary>Why a node is not part of a plan. What is free of its host, and which port is taken, is kept apart, so that nodes that lack the same are one entry.</summary>
/// <param name="Reason">One of <see cref="RejectionReasons"/>.</param>
/// <param name="Text">The sentence, without what is free.</param>
/// <param name="Free">Free CPU in millicores or host memory in bytes, where one of them is the reason; null elsewhere.</param>
/// <param name="HostPort">The host port that is taken, where that is the reason; null elsewhere.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NodeFinding(string Reason, string Text, long? Free = null, int? HostPort = null);
