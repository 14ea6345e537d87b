using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Planning.Search;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning;

/// <summary>Writes a candidate down as a plan: names, shapes, estimate, speed and hash.</summary>
internal static class GroupPlanBuilder
{
    public static GroupPlan Build(Workload workload, Candidate candidate, int index)
    {
        var layout = candidate.Layout;
        var names = SeatNames.Assign(layout);
        var nodes = new PlannedNode[names.Length];
        for (int seat = 0, device = 0; seat < nodes.Length; seat++)
        {
            var (c, gpus) = (layout.Seats[seat].Class, layout.Seats[seat].Gpus);
            var leads = seat == nodes.Length - 1;
            nodes[seat] = new PlannedNode
            {
                Node = names[seat],
                Gpus = gpus,
                Vram = c.Devices.MemoryPerGpu * gpus,
                Product = c.Devices.Product,
                ResourceName = c.Devices.ResourceName,
                Layers = [.. candidate.LayersPerDevice[device..(device + gpus)]],
                UsableBytesPerGpu = c.Usable,
                HostMemory = leads ? workload.LeaderMemory(candidate.FirstOffloaded, layout.Devices) : workload.WorkerMemory,
                CpuMillis = leads ? workload.LeaderCpu : workload.WorkerCpu,
                HostPorts = workload.Request.HostPortsOf(leads),
            };
            device += gpus;
        }

        ImmutableArray<int> layers = [.. candidate.LayersPerDevice];
        var gpuLayers = workload.Layers - candidate.FirstOffloaded;
        var hops = layout.Hops();
        var speed = workload.Speed.Predict(candidate.LayersPerDevice, [.. layout.Seats.SelectMany(s => Enumerable.Repeat(s.Class.Devices.Speed, s.Gpus))], hops);
        var estimate = workload.Costs.Estimate(new DeviceSplit { LayersPerDevice = layers, RpcDevices = layout.RpcDevices });
        return new GroupPlan
        {
            Index = index,
            Leader = nodes[^1],
            Workers = WithShapes(nodes.AsSpan(0, nodes.Length - 1)),
            LayersPerDevice = layers,
            GpuLayers = gpuLayers,
            Estimate = estimate,
            PredictedTokensPerSecond = speed.DecodeTokensPerSecond,
            PredictedPrefillTokensPerSecond = speed.PrefillTokensPerSecond,
            SpeedCalibrated = speed.Calibrated,
            FirstLoadSeconds = FirstLoad(estimate, hops),
            Hash = Hash(workload.Request.Engine, nodes, gpuLayers),
        };
    }

    /// <summary>The leader sends every worker its weights, one after another.</summary>
    private static double? FirstLoad(MemoryEstimate estimate, RpcHop[] hops)
    {
        if (hops.Length == 0)
            return null;
        var time = TimeSpan.Zero;
        for (var i = 0; i < hops.Length; i++)
            time += hops[i].Path.TransferTime(estimate.Devices[i].Weight);
        return time.TotalSeconds;
    }

    private static ImmutableArray<PlannedNode> WithShapes(ReadOnlySpan<PlannedNode> workers)
    {
        var shaped = ImmutableArray.CreateBuilder<PlannedNode>(workers.Length);
        for (var i = 0; i < workers.Length; i++)
        {
            var same = i > 0 && SameShape(workers[i - 1], workers[i]);
            shaped.Add(workers[i] with { ShapeIndex = i == 0 ? 0 : same ? shaped[i - 1].ShapeIndex : shaped[i - 1].ShapeIndex + 1 });
        }

        return shaped.MoveToImmutable();
    }

    private static bool SameShape(PlannedNode a, PlannedNode b) =>
        a.Product == b.Product && a.ResourceName == b.ResourceName && a.Gpus == b.Gpus
        && a.UsableBytesPerGpu == b.UsableBytesPerGpu && a.Layers.SequenceEqual(b.Layers);

    private static string Hash(PlacementEngine engine, IEnumerable<PlannedNode> nodes, int gpuLayers)
    {
        var text = new StringBuilder().Append(engine).Append('|').Append(gpuLayers.ToString(CultureInfo.InvariantCulture));
        foreach (var node in nodes)
        {
            text.Append('|').Append(node.Node).Append('/').Append(node.ResourceName).Append('/')
                .AppendJoin(',', node.Layers).Append('/').Append(node.UsableBytesPerGpu.Value.ToString(CultureInfo.InvariantCulture));
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
