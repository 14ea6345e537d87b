using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace GpuStack.EndToEnd.Cases;

/// <summary>Runs every case of <c>samples/cases</c> through the whole line: simulated cluster, operator, deployment, status.</summary>
public sealed class SampleCaseTests
{
    public static TheoryData<string> Cases() => [.. SampleCase.Names()];

    /// <summary>Events change the fleet after the first plan, so that a plan of the fleet file says nothing about the end.</summary>
    public static TheoryData<string> CasesWithoutEvents() => [.. SampleCase.Names().Where(name => new SampleCase(name).Events is null)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_demo_of_a_case_ends_as_its_file_expects(string name)
    {
        SampleCase sample = new(name);
        YamlMappingNode expected = sample.Expected();
        bool ready = ((YamlScalarNode)expected["ready"]).Value == "true";

        OperatorProcess.Result result = await sample.DemoAsync();

        Assert.True(result.ExitCode == (ready ? 0 : 1), result.ToString());
        string[] differences = [.. ExpectedSubset.Differences(expected, result.Json)];
        Assert.True(differences.Length == 0, string.Join('\n', [.. differences, result.Output]));
    }

    [Theory]
    [MemberData(nameof(CasesWithoutEvents))]
    public async Task Plan_decides_offline_what_the_operator_decides(string name)
    {
        SampleCase sample = new(name);

        OperatorProcess.Result demo = await sample.DemoAsync();
        OperatorProcess.Result plan = await sample.PlanAsync();

        Assert.Equal(demo.ExitCode, plan.ExitCode);
        Assert.True(JsonNode.DeepEquals(demo.Json["plan"], plan.Json), $"demo: {demo.Json["plan"]}\nplan: {plan}");
    }

    [Fact]
    public async Task A_leader_with_the_smaller_pool_is_predicted_to_be_slower()
    {
        OperatorProcess.Result largest = await new SampleCase("leader-largest-pool").PlanAsync();
        OperatorProcess.Result chosen = await new SampleCase("leader-chosen-by-user").PlanAsync();

        Assert.True(
            Speed(largest) > Speed(chosen),
            $"largest pool: {Speed(largest)} tokens/s, chosen by the user: {Speed(chosen)} tokens/s");

        static double Speed(OperatorProcess.Result plan) => plan.Json["predictedTokensPerSecond"]!.GetValue<double>();
    }

    [Fact]
    public async Task Six_gpus_are_needed_and_five_are_too_few()
    {
        SampleCase sample = new("six-gpus");
        string fleet = (await File.ReadAllTextAsync(sample.Fleet, TestContext.Current.CancellationToken))
            .Replace("count: 6", "count: 5", StringComparison.Ordinal);
        string five = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(five, fleet, TestContext.Current.CancellationToken);
        try
        {
            OperatorProcess.Result plan = await OperatorProcess.RunAsync(
                "plan", "--nodes", five, "-f", sample.Deployment, "--model", sample.Model, "--output", "json");

            Assert.Equal(1, plan.ExitCode);
            Assert.False(plan.Json["feasible"]!.GetValue<bool>());
        }
        finally
        {
            File.Delete(five);
        }
    }
}
