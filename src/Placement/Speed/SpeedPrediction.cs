using System.Runtime.InteropServices;

namespace GpuStack.Placement.Speed;

/// <summary>Expected speed of one request that runs alone.</summary>
/// <param name="DecodeTokensPerSecond">Tokens generated per second at a short context; null when a device's bandwidth is unknown.</param>
/// <param name="PrefillTokensPerSecond">Prompt tokens per second; null when a device's tensor throughput is unknown as well.</param>
/// <param name="Calibrated">The figures rest on measurements of the same kind; others order layouts and promise nothing.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SpeedPrediction(double? DecodeTokensPerSecond, double? PrefillTokensPerSecond, bool Calibrated);
