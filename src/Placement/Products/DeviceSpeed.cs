using System.Runtime.InteropServices;

namespace GpuStack.Placement.Products;

/// <summary>What a device's speed rests on: facts of its product, for the part of the GPU that the device is.</summary>
/// <param name="BandwidthGBs">Memory bandwidth in GB/s (10^9 bytes); zero when unknown.</param>
/// <param name="TensorTflops">Dense 16-bit tensor throughput in TFLOPS (10^12 operations a second), without sparsity; zero when unknown.</param>
/// <param name="PeerToPeer">Devices of one node reach each other's memory over PCIe.</param>
/// <param name="NvLinkGBs">Bandwidth of NVLink (or the vendor's like) of one GPU in GB/s, both directions together as data sheets say; zero without.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct DeviceSpeed(int BandwidthGBs, double TensorTflops = 0, bool PeerToPeer = false, int NvLinkGBs = 0);
