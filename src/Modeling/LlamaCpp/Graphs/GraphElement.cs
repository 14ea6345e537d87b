namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>Element types of the tensors that a graph computes; caches and weights lie outside of it.</summary>
internal enum GraphElement
{
    F32,
    F16,
    I32,
    I64,
}
