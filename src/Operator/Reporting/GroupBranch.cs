using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Placement.Planning;
using Spectre.Console;

namespace GpuStack.Operator.Reporting;

/// <summary>One group of a plan as a branch of the tree: its nodes in the engine's order of devices, a bar per GPU, the leader's host.</summary>
internal static class GroupBranch
{
    /// <summary>Cells that stand before a GPU's bar: three levels of the tree.</summary>
    private const int Indent = 12;

    public static void Add(Tree tree, GroupPlan group, int width)
    {
        var branch = tree.AddNode(Text($"group {group.Index}: {Division(group)}{Speed(group)}"));
        // Devices are in the engine's order: llama.cpp lists its workers' first, and rank 0 of the others is the leader's.
        (string Role, PlannedNode Node)[] nodes = [.. group.Workers.Select(worker => ("worker", worker))];
        nodes = group.ServingSizes is null ? [.. nodes, ("leader", group.Leader)] : [("leader", group.Leader), .. nodes];

        var figures = Figures(nodes, group);
        var cells = Math.Clamp(width - Indent - 3 - figures.Max(figure => figure.Length), MemoryBar.FewestCells, MemoryBar.MostCells);
        var device = 0;
        foreach (var (role, node) in nodes)
        {
            var child = branch.AddNode(Text($"{role} {node.Node}: {node.Gpus} x {node.Product} ({node.Vram})"));
            foreach (var _ in node.Layers)
            {
                child.AddNode($"{MemoryBar.Of(group.Estimate.Devices[device], MemoryOf(node), node.UsableBytesPerGpu, cells)} {Text(figures[device])}");
                device++;
            }
        }

        branch.AddNode(Text(Host(group)));
        if (group.FirstLoadSeconds is { } seconds)
            branch.AddNode(Text($"first load: the weights of the workers take about {Duration(seconds)} on the network"));
    }

    private static string Division(GroupPlan group) => group.ServingSizes is { } sizes
        ? $"tensor {sizes.Tensor} × pipeline {sizes.Pipeline}, memory fraction {group.MemoryFraction:0.###}"
        : $"{group.GpuLayers} of {group.Estimate.Layers + 1} layers on GPUs";

    /// <summary>Prefill is rounded to two digits: it rests on one product.</summary>
    private static string Speed(GroupPlan group)
    {
        if (group.PredictedTokensPerSecond is not { } tokens)
            return "";
        var prompt = group.PredictedPrefillTokensPerSecond is { } prefill ? $", prompts about {TwoDigits(prefill):0.##}/s" : "";
        return $", about {tokens:0.#} tokens/s{prompt}{(group.SpeedCalibrated ? "" : " (uncalibrated)")}";
    }

    private static string Host(GroupPlan group)
    {
        var (host, left) = (group.Estimate.Host, group.Estimate.Layers + 1 - group.GpuLayers);
        var layers = left > 0 && group.ServingSizes is null ? $"{(left == 1 ? "1 layer" : $"{left} layers")} on its CPU, " : "";
        return $"host of {group.Leader.Node}: {layers}{host.Total} booked, {group.Leader.HostMemory} requested";
    }

    /// <summary>What stands beside the bars, so that equal figures stand below each other.</summary>
    private static string[] Figures((string Role, PlannedNode Node)[] nodes, GroupPlan group)
    {
        var devices = nodes.SelectMany(node => node.Node.Layers, (node, layers) => (Memory: MemoryOf(node.Node), Layers: layers))
            .Select((device, index) => (Total: group.Estimate.Devices[index].Total.ToString(), Memory: device.Memory.ToString(), device.Layers, Estimate: group.Estimate.Devices[index]))
            .ToArray();
        var total = devices.Max(device => device.Total.Length);
        var memory = devices.Max(device => device.Memory.Length);
        var layers = devices.Max(device => Digits(device.Layers));
        return [.. devices.Select(device =>
            $"{device.Total.PadLeft(total)} of {device.Memory.PadLeft(memory)}, {new string(' ', layers - Digits(device.Layers))}{Range(device.Layers, device.Estimate)}")];
    }

    private static string Range(int layers, DeviceMemory device) =>
        layers == 1 ? $"1 layer  {device.FirstLayer}" : $"{layers} layers {device.FirstLayer}..{device.LastLayer}";

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

    private static Bytes MemoryOf(PlannedNode node) => new(node.Vram.Value / node.Gpus);

    private static string Duration(double seconds) => seconds switch
    {
        < 90 => $"{Math.Max(1, Math.Round(seconds)):0} s",
        < 90 * 60 => $"{seconds / 60:0} min",
        _ => $"{seconds / 3600:0.#} h",
    };

    private static double TwoDigits(double value)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-9))) - 1);
        return Math.Round(value / unit) * unit;
    }

    private static string Text(string text) => Markup.Escape(text);
}
