using System.Runtime.InteropServices;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>An object of a known resource.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ObjectKey(string? Namespace, string Name)
{
    public static ObjectKey Of(StoredObject stored) => new(stored.Namespace, stored.Name);
}
