using System.Reflection;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Tests.Plan;

public sealed class PlanningGuideTests
{
    public static TheoryData<string> Reasons =>
        [.. typeof(RejectionReasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!)];

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task The_guide_says_of_every_reason_what_it_means_and_what_to_do(string reason)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(Inputs.Root, "docs", "guides", "planning.md"), TestContext.Current.CancellationToken);

        var row = Assert.Single(lines, line => line.StartsWith($"| `{reason}` |", StringComparison.Ordinal));
        Assert.All(row.Split('|')[2..4], cell => Assert.NotEmpty(cell.Trim()));
    }

    [Theory]
    [InlineData("unequal-gpus")]
    [InlineData("nothing-fits")]
    public async Task The_guides_examples_are_what_plan_prints(string tree)
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(Inputs.Root, "docs", "guides", "planning.md"), TestContext.Current.CancellationToken);
        var printed = await File.ReadAllTextAsync(
            Path.Combine(Inputs.Root, "tests", "Operator.Tests", "Plan", "cases", "trees", tree, "120.txt"), TestContext.Current.CancellationToken);

        Assert.Contains(printed, guide, StringComparison.Ordinal);
    }
}
