using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Rpc;

/// <summary>What a worker said of itself. Devices are asked for only when the version fits, else they are default.</summary>
internal sealed record RpcReport(RpcVersion Version, ImmutableArray<DeviceMemory> Devices);
