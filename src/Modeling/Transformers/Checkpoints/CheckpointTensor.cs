using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>A tensor as a checkpoint would hold it.</summary>
/// <param name="Name">Its name; of experts, that of expert 0.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its shape, outer dimension first.</param>
/// <param name="Repeat">How many experts have such a tensor.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CheckpointTensor(string Name, ElementType Type, ImmutableArray<long> Shape, int Repeat);
