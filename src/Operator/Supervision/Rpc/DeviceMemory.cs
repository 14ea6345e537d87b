namespace GpuStack.Operator.Supervision.Rpc;

/// <summary>The memory of one device of a worker, in bytes.</summary>
internal sealed record DeviceMemory(ulong Free, ulong Total);
