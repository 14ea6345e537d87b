using System.Text;
using GpuStack.Operator.Commands.Plan;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Reporting;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using Spectre.Console;

namespace GpuStack.Operator.Tests.Plan;

/// <summary>
/// The tree that <c>plan</c> prints, as files: <c>cases/trees/NAME/{80,120}.txt</c> on terminals so wide, <c>file.txt</c> where the output is
/// no terminal. <c>GPUSTACK_REGENERATE=1</c> writes them anew, to be read before they are committed.
/// </summary>
public sealed class PlanTreeTests
{
    private static readonly string Folder = Path.Combine(Inputs.Root, "tests", "Operator.Tests", "Plan", "cases", "trees");

    /// <summary>Cases of <c>samples/cases</c> and of <c>cases/reasons</c>, each with the nodes that are asked about.</summary>
    private static readonly Dictionary<string, string[]> Explained = new(StringComparer.Ordinal)
    {
        ["samples/cases/six-gpus"] = [],
        ["samples/cases/unequal-gpus"] = ["a100-0", "rtx4080-0"],
        ["samples/cases/leader-largest-pool"] = [],
        ["samples/cases/nothing-fits"] = ["reserved-0", "small-0", "small-7"],
        ["tests/Operator.Tests/Plan/cases/reasons/NoGpu"] = [],
        ["tests/Operator.Tests/Plan/cases/reasons/TooSmall-fifteen-devices"] = [],
        ["tests/Operator.Tests/Plan/cases/reasons/Replicas-that-do-not-all-fit"] = [],
    };

    public static TheoryData<string, int?> Cases
    {
        get
        {
            var cases = new TheoryData<string, int?>();
            foreach (var name in Explained.Keys)
            {
                foreach (var width in new int?[] { 80, 120, null })
                    cases.Add(name, width);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_plan_is_a_tree_that_fits_the_terminal(string name, int? width)
    {
        var text = await TreeAsync(name, width);

        var path = Path.Combine(Folder, Path.GetFileName(name), width is { } columns ? $"{columns}.txt" : "file.txt");
        if (Environment.GetEnvironmentVariable("GPUSTACK_REGENERATE") is "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        }
        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= (width ?? 400), line));
    }

    [Fact]
    public async Task A_very_wide_terminal_gets_lines_that_can_be_read() =>
        Assert.Equal(await TreeAsync("samples/cases/nothing-fits", 120), await TreeAsync("samples/cases/nothing-fits", 300));

    private static async Task<string> TreeAsync(string name, int? width)
    {
        var folder = Path.Combine(Inputs.Root, name);
        var deployment = Inputs.Deployment(await ReadAsync(folder, "deployment.yaml"), "deployment.yaml");
        var nodes = File.Exists(Path.Combine(folder, "fleet.yaml")) ? "fleet.yaml" : "nodes.yaml";
        var fleet = PlanFleet.OfFile(await ReadAsync(folder, nodes), nodes, deployment, ProductTable.Default).Fleet;
        var request = PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment));
        var plan = Planner.Plan(fleet, request, []);
        using var output = new StringWriter();
        var console = width is { } columns
            ? AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new Terminal(output, columns) })
            : PlanTree.Console(output);

        PlanTree.Write(console, deployment.Metadata.Name!, plan, explanations: [.. Explained[name].Select(node => Planner.Explain(fleet, request, plan, node))]);

        return string.Join('\n', output.ToString().Split('\n').Select(line => line.TrimEnd()));
    }

    private static Task<string> ReadAsync(string folder, string file) => File.ReadAllTextAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken);

    private sealed class Terminal(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => width;

        public int Height => 50;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
