using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Search;

/// <summary>A node's place in a group: its class, and how many of its devices are used.</summary>
internal sealed class Seat(NodeClass nodeClass, int gpus)
{
    public NodeClass Class { get; } = nodeClass;

    public int Gpus { get; } = gpus;
}

/// <summary>The seats of a group in llama.cpp's device order: workers as <c>--rpc</c> lists them, then the leader.</summary>
internal sealed class Layout(IReadOnlyList<Seat> seats)
{
    /// <summary>Workers, then the leader.</summary>
    public IReadOnlyList<Seat> Seats { get; } = seats;

    public Seat Leader => Seats[^1];

    public int Devices { get; } = seats.Sum(s => s.Gpus);

    public int RpcDevices => Devices - Leader.Gpus;

    /// <summary>One for each RPC device, over the path between the leader and its worker.</summary>
    public RpcHop[] Hops()
    {
        var hops = new RpcHop[RpcDevices];
        var device = 0;
        for (var i = 0; i < Seats.Count - 1; i++)
        {
            var path = NodeNetwork.Between(Leader.Class.Key.Network, Seats[i].Class.Key.Network);
            for (var gpu = 0; gpu < Seats[i].Gpus; gpu++)
                hops[device++] = new RpcHop(path, gpu == 0);
        }

        return hops;
    }

    /// <summary>Usable memory of every device, in order.</summary>
    public Bytes[] UsablePerDevice() => PerDevice(seat => seat.Class.Usable);

    /// <summary>Bandwidth of every device, in order; zero where unknown.</summary>
    public int[] BandwidthPerDevice() => PerDevice(seat => seat.Class.Devices.BandwidthGBs);

    private T[] PerDevice<T>(Func<Seat, T> value)
    {
        var values = new T[Devices];
        var device = 0;
        foreach (var seat in Seats)
        {
            values.AsSpan(device, seat.Gpus).Fill(value(seat));
            device += seat.Gpus;
        }

        return values;
    }
}
