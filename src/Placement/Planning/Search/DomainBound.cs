using System.Runtime.InteropServices;

namespace GpuStack.Placement.Planning.Search;

/// <summary>What the nodes of a domain could do at best.</summary>
/// <param name="Domain">The domain's index.</param>
/// <param name="LeastGpus">Devices that a group there needs at least; <see cref="int.MaxValue"/> when the domain cannot hold one.</param>
/// <param name="Held">What the strongest nodes hold at best, in the unit of <see cref="Workload.SizeBefore"/>.</param>
/// <param name="Twins">Equal for domains of equal nodes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DomainBound(int Domain, int LeastGpus, long Held, long Twins);
