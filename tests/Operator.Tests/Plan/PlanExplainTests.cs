using System.Text.Json.Nodes;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Plan;

public sealed class PlanExplainTests
{
    [Fact]
    public async Task Nodes_that_are_asked_about_are_answered_in_order_known_or_not()
    {
        var (code, output) = await RunAsync("--explain", "reserved-0", "--explain", "nowhere-9", "--explain", "small-1", "--explain", "nowhere-9", "--output", "json");

        Assert.Equal(1, code);
        var explanations = JsonNode.Parse(output)!["explanations"]!.AsArray();
        Assert.Equal(["reserved-0", "nowhere-9", "small-1"], explanations.Select(item => (string)item!["node"]!));
        Assert.Equal(["Taint", "NoSuchNode", "TooSmall"], explanations.Select(item => (string)item!["reason"]!));
        Assert.All(explanations, item => Assert.False((bool)item!["chosen"]!));
        Assert.Contains("team=research:NoSchedule", (string)explanations[0]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tree_has_a_line_for_each()
    {
        var (_, output) = await RunAsync("--explain", "small-1", "--explain", "nowhere-9");

        Assert.Contains("── why", output, StringComparison.Ordinal);
        Assert.Contains("small-1 is not chosen, TooSmall: needs ", output, StringComparison.Ordinal);
        Assert.Contains("nowhere-9 is not chosen, NoSuchNode: there is no node of this name", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_told_what_was_not_asked()
    {
        Assert.DoesNotContain("── why", (await RunAsync()).Output, StringComparison.Ordinal);
        Assert.Null(JsonNode.Parse((await RunAsync("--output", "json")).Output)!["explanations"]);
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] more)
    {
        var samples = Path.Combine(Inputs.Root, "samples");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await GpuStackProgram.RunAsync(
            [
                "plan", "-f", Path.Combine(samples, "cases", "nothing-fits", "deployment.yaml"), "--nodes", Path.Combine(samples, "cases", "nothing-fits", "fleet.yaml"),
                "--model", Path.Combine(samples, "models", "gpustack", "Qwen2.5-72B-Instruct-GGUF", "Qwen2.5-72B-Instruct-Q6_K.gguf"), .. more,
            ],
            "gpustack-operator", output, error);
        Assert.Equal("", error.ToString());
        return (code, output.ToString());
    }
}
