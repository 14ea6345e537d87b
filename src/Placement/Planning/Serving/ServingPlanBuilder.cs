using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Search;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>
/// Writes a candidate down as a plan. Rank 0 is the leader's first GPU: devices, layers and the estimate are in the order of the ranks,
/// stage by stage, the leader's node first, then the workers by name.
/// </summary>
internal static class ServingPlanBuilder
{
    public static GroupPlan Build(PlacementRequest request, HostNeeds needs, ServingCandidate candidate, int index)
    {
        var layout = candidate.Layout;
        var estimate = layout.Fit.Estimate!.Memory;
        ImmutableArray<int> layers = [.. estimate.Devices.Where(d => d.Kind != DeviceKind.Host).Select(d => d.LastLayer - d.FirstLayer + 1 ?? 0)];
        var names = candidate.Set.Names();
        var nodes = new PlannedNode[names.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            var (name, c) = names[i];
            var gpus = layout.GpusPerNode;
            nodes[i] = new PlannedNode
            {
                Node = name,
                Gpus = gpus,
                Vram = c.Devices.MemoryPerGpu * gpus,
                Product = c.Devices.Product,
                DriverMajor = request.DriversMayDiffer ? c.Devices.DriverMajor : null,
                ResourceName = c.Devices.ResourceName,
                Layers = layers.Slice(i * gpus, gpus),
                UsableBytesPerGpu = ServingFits.Of(request).On(new GpuKind(c.Devices.Product, c.Devices.MemoryPerGpu)).Usable,
                HostMemory = (i == 0 ? needs.LeaderProcesses : needs.WorkerProcesses)!.Of(gpus),
                CpuMillis = i == 0 ? needs.LeaderCpu : needs.WorkerCpu,
                HostPorts = request.HostPortsOf(leads: i == 0),
            };
        }

        var speed = SpeedOf(request, candidate);
        return new GroupPlan
        {
            Index = index,
            Leader = nodes[0],
            Workers = [.. nodes.Skip(1)],
            LayersPerDevice = layers,
            // The output head counts as a layer, as it does for llama.cpp; all of it is on GPUs.
            GpuLayers = estimate.Layers + 1,
            ServingSizes = layout.Fit.Sizes,
            MemoryFraction = layout.Fit.Fraction,
            Estimate = estimate,
            PredictedTokensPerSecond = speed.DecodeTokensPerSecond,
            PredictedPrefillTokensPerSecond = speed.PrefillTokensPerSecond,
            SpeedCalibrated = speed.Calibrated,
            Hash = Hash(request.Engine, nodes, layout.Fit),
        };
    }

    /// <summary>The speed over the slowest path between two of the nodes; layouts were compared over the usual one.</summary>
    private static SpeedPrediction SpeedOf(PlacementRequest request, ServingCandidate candidate)
    {
        var (layout, set) = (candidate.Layout, candidate.Set);
        if (layout.Nodes == 1)
            return layout.Speed;
        var network = set.Leader.Key.Network;
        foreach (var worker in set.Workers)
            network = NodeNetwork.Between(network, worker.Key.Network);
        var sizes = layout.Fit.Sizes;
        return ServingFits.Of(request).Speed.Predict(new(set.Leader.Devices.Speed, sizes.Tensor, sizes.Pipeline, layout.Nodes, network));
    }

    private static string Hash(PlacementEngine engine, IEnumerable<PlannedNode> nodes, LayoutFit fit)
    {
        var text = new StringBuilder().Append(engine)
            .Append(CultureInfo.InvariantCulture, $"|{fit.Sizes.Tensor}x{fit.Sizes.Pipeline}|{fit.Fraction:0.###}");
        foreach (var node in nodes)
        {
            text.Append(CultureInfo.InvariantCulture, $"|{node.Node}/{node.ResourceName}/").AppendJoin(',', node.Layers)
                .Append(CultureInfo.InvariantCulture, $"/{node.UsableBytesPerGpu.Value}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
