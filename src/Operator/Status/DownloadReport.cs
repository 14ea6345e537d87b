namespace GpuStack.Operator.Status;

/// <summary>How far a pod is with fetching its model.</summary>
/// <param name="Remaining">Bytes that are still missing.</param>
/// <param name="BytesPerSecond">How fast they come.</param>
internal sealed record DownloadReport(long Remaining, double BytesPerSecond);
