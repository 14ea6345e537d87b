using System.Runtime.InteropServices;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Speed;

/// <summary>
/// How the GPUs of a node reach each other, as a latency and a bandwidth: NVLink, peer to peer over PCIe, or through host memory.
/// An all-reduce of n ranks moves 2·(n − 1)/n of its message over each GPU's link (a ring; NCCL's "bus bandwidth").
/// Bandwidths are those between messages of 16 and 256 MiB of NCCL on two H200; engines capture their kernels in graphs, so latencies are those of vLLM's
/// own kernel there, as NVIDIA's aiconfigurator publishes them, and not those of NCCL started from Python.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GpuLink
{
    /// <summary>Share of NVLink's bandwidth in one direction that an all-reduce reaches: 309 of 450 GB/s between two H200.</summary>
    public const double NvLinkShare = 0.69;

    /// <summary>An all-reduce over NVLink of a few KiB, in milliseconds: 4.6 to 6.5 µs for 2 to 8 ranks of A100 and H200.</summary>
    public const double NvLinkMilliseconds = 0.005;

    /// <summary>Bus bandwidth from GPU to GPU over PCIe, in GB/s: two L40S 19 (PCIe 4.0), two RTX PRO 6000 37 (PCIe 5.0), published.</summary>
    public const double PeerGBs = 19;

    /// <summary>Latency over PCIe per rank, in milliseconds: 6, 17 and 27 µs for 2, 4 and 8 ranks of L40S, published.</summary>
    public const double PeerMilliseconds = 0.0035;

    /// <summary>Bus bandwidth through host memory, in GB/s: half of the 29 measured between H200 with peer-to-peer off, whose PCIe is 5.0.</summary>
    public const double HostGBs = 14.6;

    /// <summary>Latency through host memory per rank, in milliseconds; assumed, two copies instead of one.</summary>
    public const double HostMilliseconds = 0.007;

    private readonly double _gigabytesPerSecond;
    private readonly double _fixedMilliseconds;
    private readonly double _millisecondsPerRank;

    private GpuLink(double gigabytesPerSecond, double fixedMilliseconds, double millisecondsPerRank) =>
        (_gigabytesPerSecond, _fixedMilliseconds, _millisecondsPerRank) = (gigabytesPerSecond, fixedMilliseconds, millisecondsPerRank);

    public static GpuLink Of(in DeviceSpeed device) =>
        device.NvLinkGBs > 0 ? new(NvLinkShare * device.NvLinkGBs / 2, NvLinkMilliseconds, 0)
        : device.PeerToPeer ? new(PeerGBs, 0, PeerMilliseconds)
        : new(HostGBs, 0, HostMilliseconds);

    /// <summary>Time of an all-reduce; none for one rank.</summary>
    public double AllReduceMilliseconds(double bytes, int ranks) =>
        ranks < 2 ? 0 : _fixedMilliseconds + (_millisecondsPerRank * ranks) + Wire(bytes * 2 * (ranks - 1) / ranks);

    /// <summary>Time of a message from one GPU to another.</summary>
    public double SendMilliseconds(double bytes) => _fixedMilliseconds + (2 * _millisecondsPerRank) + Wire(bytes);

    private double Wire(double bytes) => bytes / (_gigabytesPerSecond * 1e6);
}
