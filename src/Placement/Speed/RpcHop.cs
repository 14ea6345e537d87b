using System.Runtime.InteropServices;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Speed;

/// <summary>
/// What one RPC device of llama.cpp adds to the time of its layers. In ggml's RPC only reading a tensor waits for an answer, and the state
/// of a token is read once from each device (between two devices behind one port it is copied by a command that is answered, too): one
/// round trip per device, whatever the number of its layers. The state goes over the network once into a worker and once out of it.
/// </summary>
/// <param name="Path">The network between the leader and the worker.</param>
/// <param name="FirstOfWorker">The first device of its worker; the states of later ones do not leave the node.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RpcHop(NodeNetwork Path, bool FirstOfWorker = true)
{
    /// <summary>Fixed time of handing a token's state to an RPC device and back, in milliseconds; fitted.</summary>
    public const double Milliseconds = 1.375;

    /// <summary>Rate at which both ends hand on a prompt's states (copies and sockets, without the wire), in GB/s; fitted.</summary>
    public const double HandlingGBs = 1.755;

    internal double DecodeMilliseconds(int embeddingLength) => Milliseconds + Network(StateBytes(embeddingLength, 1));

    internal double PrefillMilliseconds(int embeddingLength, int tokens)
    {
        var bytes = StateBytes(embeddingLength, tokens);
        return (bytes / (HandlingGBs * 1e6)) + Network(bytes);
    }

    /// <summary>A state is one 32-bit float per element of the embedding, and travels in and out.</summary>
    private static double StateBytes(int embeddingLength, int tokens) => 2.0 * 4 * embeddingLength * tokens;

    private double Network(double bytes) =>
        Path.RoundTripOrDefault.TotalMilliseconds + (FirstOfWorker ? bytes * 8 * 1000 / Path.BitsPerSecondOrDefault : 0);
}
