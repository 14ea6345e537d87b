using System.Runtime.InteropServices;

namespace GpuStack.Placement.Planning;

/// <summary>How a model is divided.</summary>
/// <param name="Tensor">GPUs that share each layer (<c>--tensor-parallel-size</c>); 1 for llama.cpp, which cuts between layers only.</param>
/// <param name="Pipeline">Stages of layers (<c>--pipeline-parallel-size</c>); the number of devices for llama.cpp.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ParallelSizes(int Tensor, int Pipeline);
