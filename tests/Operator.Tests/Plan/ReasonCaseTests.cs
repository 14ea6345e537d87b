using System.Reflection;
using System.Text.Json.Nodes;
using GpuStack.Modeling;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Tests.Plan;

/// <summary>Every reason of the rejection table, and every situation that nodes and deployments bring about, as files.</summary>
public sealed class ReasonCaseTests
{
    public static TheoryData<string> Cases => [.. ReasonCase.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_plan_says_what_the_case_expects(string name)
    {
        var expected = ReasonCase.Read(name);
        var plan = await expected.PlanAsync();

        Assert.Equal(expected.Groups, plan["groups"]!.AsArray().Select(Group));
        Assert.Equal((bool)expected.Expected["feasible"]!, (bool)plan["feasible"]!);
        var rejected = plan["rejected"]!.AsArray();
        Assert.Equal(expected.Rejected.Select(item => (item.Reason, item.Nodes)), rejected.Select(item => ((string)item!["reason"]!, (int)item["nodes"]!)));
        foreach (var (item, actual) in expected.Rejected.Zip(rejected))
            Assert.Contains(item.Message, (string)actual!["message"]!, StringComparison.Ordinal);
        Assert.Equal(expected.Suggestions, plan["suggestions"]!.AsArray().Select(item => (string)item!["change"]!));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_counts_add_up_and_each_node_is_explained_as_it_is_counted(string name)
    {
        var expected = ReasonCase.Read(name);
        var plan = await expected.PlanAsync();

        var used = plan["groups"]!.AsArray().SelectMany(group => Nodes(group!)).Select(node => (string)node["node"]!).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(expected.Nodes.Count, used.Count + plan["rejected"]!.AsArray().Sum(item => (int)item!["nodes"]!));
        var explanations = plan["explanations"]!.AsArray();
        Assert.Equal(expected.Nodes, explanations.Select(item => (string)item!["node"]!));
        Assert.Equal(used.Order(StringComparer.Ordinal), explanations.Where(item => (bool)item!["chosen"]!).Select(item => (string)item!["node"]!).Order(StringComparer.Ordinal));
        Assert.Equal(
            CountsBy(plan["rejected"]!.AsArray(), item => (int)item["nodes"]!),
            CountsBy(explanations.Where(item => !(bool)item!["chosen"]!), _ => 1));
    }

    [Fact]
    public void Every_reason_has_a_case()
    {
        var reasons = typeof(RejectionReasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!);

        var shown = ReasonCase.Names.SelectMany(name => ReasonCase.Read(name).Rejected).Select(item => item.Reason).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(reasons.Except(shown, StringComparer.Ordinal));
    }

    private static string Group(JsonNode? group) => string.Join(", ", Nodes(group!).Select(node => $"{node["node"]} x{node["gpus"]} ({new Bytes((long)node["vramBytes"]!)})"));

    private static IEnumerable<JsonNode> Nodes(JsonNode group) => group["workers"]!.AsArray().Select(worker => worker!).Prepend(group["leader"]!);

    private static SortedDictionary<string, int> CountsBy(IEnumerable<JsonNode?> items, Func<JsonNode, int> count)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in items)
            counts[(string)item!["reason"]!] = counts.GetValueOrDefault((string)item["reason"]!) + count(item);
        return counts;
    }
}
