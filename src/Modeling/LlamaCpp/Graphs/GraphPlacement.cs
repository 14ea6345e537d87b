namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>Which blocks a graph has, and where: the blocks of a model, or a few of them that stand for all.</summary>
/// <param name="Blocks">Indices of the model's blocks, in order.</param>
/// <param name="Backends">The backend of each of these blocks; devices from 0, the host is <paramref name="Devices"/>.</param>
/// <param name="Output">The backend of the output layer.</param>
/// <param name="Devices">Devices besides the host.</param>
/// <param name="Pipelined">Whether micro batches are pipelined over several devices.</param>
internal sealed record GraphPlacement(int[] Blocks, int[] Backends, int Output, int Devices, bool Pipelined);
