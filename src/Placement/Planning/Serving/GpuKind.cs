using System.Runtime.InteropServices;
using GpuStack.Modeling;
using GpuStack.Modeling.Serving;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>What the estimators ask of a GPU.</summary>
/// <param name="Product">The product as the node's labels name it.</param>
/// <param name="Memory">Memory as the label says.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GpuKind(string Product, Bytes Memory)
{
    /// <summary>Memory as CUDA reports it: what an engine can have at most.</summary>
    public Bytes Visible => GpuProcess.VisibleMemory(Memory);

    public override string ToString() => $"{Product} with {Memory}";
}
