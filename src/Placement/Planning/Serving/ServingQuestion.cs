using System.Runtime.InteropServices;
using GpuStack.Modeling;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>All that an estimate depends on beside GPU and layout.</summary>
/// <param name="Launch">The model and what its engine is started with.</param>
/// <param name="Utilization">Share of each GPU that may be used.</param>
/// <param name="Override">What the group is taken to need in all; null takes the estimate.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ServingQuestion(ModelLaunch Launch, double Utilization, Bytes? Override);
