using System.Runtime.InteropServices;

namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>How many pods were made, and how many engines started.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Restarts(int Pods, int Engines)
{
    public static Restarts operator +(Restarts left, Restarts right) => new(left.Pods + right.Pods, left.Engines + right.Engines);

    public static Restarts operator *(Restarts one, int times) => new(one.Pods * times, one.Engines * times);
}
