using System.Runtime.InteropServices;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Speed;

/// <summary>A layout of equal GPUs for vLLM or SGLang; the ranks of one stage stand on one node.</summary>
/// <param name="Device">The GPUs.</param>
/// <param name="TensorParallel">Ranks of a stage.</param>
/// <param name="PipelineParallel">Stages.</param>
/// <param name="Nodes">Nodes that the stages stand on, consecutive stages together as far as they fit.</param>
/// <param name="Network">The slowest path between two of the nodes.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ServingLayoutFacts(
    DeviceSpeed Device, int TensorParallel = 1, int PipelineParallel = 1, int Nodes = 1, NodeNetwork Network = default);
