using System.Net;
using System.Net.Sockets;
using GpuStack.Operator.Supervision.Sockets;

namespace GpuStack.RealEngines.Programs;

/// <summary>TCP ports of this machine.</summary>
internal static class Ports
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    public static int Free()
    {
        // On all addresses, so that it is free on each of loopback's.
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Until somebody listens; the kernel is asked, nothing is connected to.</summary>
    public static async Task ListenAsync(int port, CancellationToken cancellationToken)
    {
        while (!KernelSockets.Read().Contains(port))
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
    }
}
