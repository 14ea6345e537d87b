using GpuStack.Modeling;
using GpuStack.Operator.Planning.Changes;
using GpuStack.Placement.Planning;
using Spectre.Console;

namespace GpuStack.Operator.Reporting;

/// <summary>A plan as a tree for people: groups with a bar per GPU, nodes that are not used, suggestions.</summary>
internal static class PlanTree
{
    public static void Write(IAnsiConsole console, string name, PlacementPlan plan, ChangePreview? changes = null)
    {
        var tree = new Tree(Text($"{name}: {Headline(plan)}"));
        foreach (var group in plan.Groups)
            Add(tree, group);
        if (!plan.Rejected.IsEmpty)
        {
            var rejected = tree.AddNode("not used");
            foreach (var rejection in plan.Rejected)
                rejected.AddNode(Text($"{rejection.Reason}, {Count(rejection.Nodes, "node")} ({Examples(rejection)}): {rejection.Message}"));
        }

        if (!plan.Suggestions.IsEmpty)
        {
            var suggestions = tree.AddNode("what would help");
            foreach (var suggestion in plan.Suggestions)
                suggestions.AddNode(Text($"{suggestion.Change}: {suggestion.Effect}"));
        }

        if (changes is not null)
        {
            var applied = tree.AddNode("what applying this would do");
            foreach (var line in ChangeReport.Lines(changes))
                applied.AddNode(Text(line));
        }

        console.Write(tree);
        if (!plan.Groups.IsEmpty)
            console.WriteLine(MemoryBar.Legend);
    }

    /// <summary>A console that writes plain lines unless <paramref name="output"/> is the terminal.</summary>
    public static IAnsiConsole Console(TextWriter output)
    {
        var terminal = ReferenceEquals(output, System.Console.Out) && !System.Console.IsOutputRedirected;
        if (terminal)
            return AnsiConsole.Console;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        // Files have no width: no line is broken.
        console.Profile.Width = 400;
        return console;
    }

    private static string Headline(PlacementPlan plan)
    {
        if (!plan.Feasible)
            return "does not fit. " + plan.Message;
        if (plan.Groups.IsEmpty)
            return "no replicas wanted";
        var gpus = plan.Groups.Sum(g => g.LayersPerDevice.Length);
        return $"fits, {plan.Engine}, {Count(plan.Groups.Length, "group")}, {Count(gpus, "GPU")}";
    }

    private static void Add(Tree tree, GroupPlan group)
    {
        var node = tree.AddNode(Text($"group {group.Index}: {Division(group)}{Speed(group)}"));
        // Devices are in the engine's order: llama.cpp lists its workers' first, and rank 0 of the others is the leader's.
        (string Role, PlannedNode Node)[] nodes = [.. group.Workers.Select(worker => ("worker", worker))];
        nodes = group.ServingSizes is null ? [.. nodes, ("leader", group.Leader)] : [("leader", group.Leader), .. nodes];
        var device = 0;
        foreach (var (role, planned) in nodes)
            device = Add(node, role, planned, group, device);
        var host = group.Estimate.Host;
        node.AddNode(Text($"host of {group.Leader.Node}: {host.Total} booked, {group.Leader.HostMemory} requested"));
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

    private static double TwoDigits(double value)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-9))) - 1);
        return Math.Round(value / unit) * unit;
    }

    private static int Add(TreeNode parent, string role, PlannedNode node, GroupPlan group, int device)
    {
        var memory = new Bytes(node.Vram.Value / node.Gpus);
        var child = parent.AddNode(Text($"{role} {node.Node}: {node.Gpus} x {node.Product} ({node.Vram})"));
        foreach (var layers in node.Layers)
        {
            var estimate = group.Estimate.Devices[device++];
            child.AddNode($"{MemoryBar.Of(estimate, memory, node.UsableBytesPerGpu)} "
                + Text($"{estimate.Total} of {memory}, {Count(layers, "layer")} {estimate.FirstLayer}..{estimate.LastLayer}"));
        }

        return device;
    }

    private static string Examples(Rejection rejection) =>
        string.Join(", ", rejection.Examples) + (rejection.Nodes > rejection.Examples.Length ? ", ..." : "");

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    private static string Text(string text) => Markup.Escape(text);
}
