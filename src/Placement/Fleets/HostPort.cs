using System.Runtime.InteropServices;

namespace GpuStack.Placement.Fleets;

/// <summary>A TCP port of a node that somebody has: no second pod can listen on it there, whatever its address.</summary>
/// <param name="Port">The port.</param>
/// <param name="Holder">Who has it, in words: <c>pod NAMESPACE/NAME</c>, or the group whose plan takes it.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct HostPort(int Port, string Holder);
