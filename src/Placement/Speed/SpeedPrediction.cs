using System.Runtime.InteropServices;

namespace GpuStack.Placement.Speed;

/// <summary>Expected speed of one request that runs alone.</summary>
/// <param name="DecodeTokensPerSecond">Tokens generated per second at a short context; null when a device is unknown.</param>
/// <param name="PrefillTokensPerSecond">Prompt tokens read per second; null when the tensor throughput of a device is unknown.</param>
/// <param name="Calibrated">The decode figure rests on measurements of the same kind. Others order layouts and promise nothing, and so does every prefill figure of another product than the measured one.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SpeedPrediction(double? DecodeTokensPerSecond, double? PrefillTokensPerSecond, bool Calibrated);
