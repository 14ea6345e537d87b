using System.Runtime.InteropServices;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>What makes two nodes one <see cref="NodeShape"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ShapeKey(Bytes Usable, long Pool, int Gpus, int Bandwidth, NodeNetwork Network, bool CanLead, bool CanWork);
