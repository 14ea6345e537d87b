using GpuStack.Operator.Planning.Changes;
using GpuStack.Placement.Planning;
using Spectre.Console;

namespace GpuStack.Operator.Reporting;

/// <summary>A plan as a tree for people: groups with a bar per GPU, the nodes that were asked about, nodes that are not used, suggestions.</summary>
internal static class PlanTree
{
    /// <summary>Cells that the tree takes of a terminal at most.</summary>
    private const int ReadingWidth = 120;

    public static void Write(
        IAnsiConsole console, string name, PlacementPlan plan, ChangePreview? changes = null, IReadOnlyList<NodeExplanation>? explanations = null)
    {
        var width = console.Profile.Out.IsTerminal ? Math.Min(console.Profile.Width, ReadingWidth) : console.Profile.Width;
        var tree = new Tree(Text($"{name}: {Headline(plan)}"));
        foreach (var group in plan.Groups)
            GroupBranch.Add(tree, group, width);
        if (explanations is { Count: > 0 })
            Add(tree, "why", explanations.Select(Line));
        if (!plan.Rejected.IsEmpty)
            RejectionBranch.Add(tree, plan);
        if (!plan.Suggestions.IsEmpty)
            Add(tree, "what would help, least cost first", plan.Suggestions.Select((suggestion, index) => $"{index + 1}. {suggestion.Change} → {suggestion.Effect}"));
        if (changes is not null)
            Add(tree, "what applying this would do", ChangeReport.Lines(changes));

        console.Write(new Narrowed(tree, width));
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

    private static string Line(NodeExplanation explanation) => explanation.Chosen
        ? $"{explanation.Node} is chosen: {explanation.Message}"
        : $"{explanation.Node} is not chosen, {explanation.Reason}: {explanation.Message}";

    private static void Add(Tree tree, string title, IEnumerable<string> lines)
    {
        var branch = tree.AddNode(title);
        foreach (var line in lines)
            branch.AddNode(Text(line));
    }

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    private static string Text(string text) => Markup.Escape(text);
}
