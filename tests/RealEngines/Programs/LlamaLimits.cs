namespace GpuStack.RealEngines.Programs;

/// <summary>What llama.cpp 0.7.0 is compiled for.</summary>
internal static class LlamaLimits
{
    /// <summary>
    /// Devices of one group, RPC devices and the leader's own together: <c>-ts</c> takes fewer entries than its 16 places, and ggml's
    /// scheduler has 16 backends with the CPU among them.
    /// </summary>
    public const int MostDevices = 15;
}
