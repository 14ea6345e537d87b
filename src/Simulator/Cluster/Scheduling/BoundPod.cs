using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Scheduling;

/// <param name="Pod">The pod.</param>
/// <param name="Requests">What it takes.</param>
/// <param name="AntiAffinity">The pods it keeps away.</param>
internal sealed record BoundPod(StoredObject Pod, IReadOnlyDictionary<string, long> Requests, IReadOnlyList<AntiAffinityTerm> AntiAffinity);
