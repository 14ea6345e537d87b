using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Entities.Conditions;
using GpuStack.Operator.Tests.Status;

namespace GpuStack.Operator.Tests.ArgoCD;

/// <summary>What Argo CD shows of a ModelDeployment, in every state that its conditions can have.</summary>
public sealed class HealthTests
{
    private static readonly DateTimeOffset Changed = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan Late = TimeSpan.FromHours(2) + TimeSpan.FromSeconds(1);

    // Ready, Reconciling, Stalled (each status and reason), the health at once, and after all patience
    public static TheoryData<string, string, string, string, string> Rows
    {
        get
        {
            TheoryData<string, string, string, string, string> rows = [];
            foreach (var line in File.ReadLines(HealthScript.PathOf("reasons.tsv")).Where(line => !line.StartsWith('#')))
            {
                var cells = line.Split('\t');
                rows.Add($"{cells[0]} {cells[1]}", $"{cells[2]} {cells[3]}", $"{cells[4]} {cells[5]}", cells[6], cells[7]);
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Each_state_has_its_health_at_once_and_is_never_progressing_for_ever(string ready, string reconciling, string stalled, string soon, string late)
    {
        var deployment = Deployment(("Ready", ready), ("Reconciling", reconciling), ("Stalled", stalled));

        var (health, message) = await HealthScript.JudgeAsync(deployment, Changed + Soon);
        var (last, _) = await HealthScript.JudgeAsync(deployment, Changed + Late);

        Assert.Equal((soon, late), (health, last));
        Assert.NotEqual("Progressing", last);
        // What is wrong is told in the operator's own words.
        Assert.True(health == "Healthy" || message.Contains("because", StringComparison.Ordinal), message);
    }

    [Fact]
    public void Every_reason_of_the_operator_has_a_row()
    {
        var rows = Rows.Select(row => row.Data).ToArray();
        foreach (var row in ConditionTable.Rows.Where(row => row.Type is ConditionTypes.Ready or ConditionTypes.Reconciling or ConditionTypes.Stalled))
        {
            var state = $"{row.Status} {row.Reason}";
            Assert.True(
                rows.Any(data => state == (row.Type == ConditionTypes.Ready ? data.Item1 : row.Type == ConditionTypes.Reconciling ? data.Item2 : data.Item3)),
                $"reasons.tsv has no row with {row.Type}={state}");
        }
        foreach (var (_, ready, reconciling, stalled) in ConditionBuilderTests.States.Select(state => state.Data))
            Assert.Contains(rows, data => (data.Item1, data.Item2, data.Item3) == (ready, reconciling, stalled));
    }

    [Theory]
    [InlineData("False GroupsStarting", "True Progressing", 119, "Progressing")]
    [InlineData("False GroupsStarting", "True Progressing", 121, "Degraded")]
    [InlineData("False InsufficientCapacity", "True WaitingForCapacity", 9, "Progressing")]
    [InlineData("False InsufficientCapacity", "True WaitingForCapacity", 11, "Degraded")]
    [InlineData("True Ready", "True WaitingForCapacity", 11, "Degraded")]
    [InlineData("False SourceUnreachable", "True Retrying", 11, "Degraded")]
    [InlineData("True Ready", "True Retrying", 11, "Degraded")]
    [InlineData("False GroupsNotReady", "True Progressing", 11, "Degraded")]
    [InlineData("True Ready", "True RollingOut", 119, "Progressing")]
    [InlineData("False GroupsNotReady", "True RollingOut", 119, "Progressing")]
    public async Task What_works_has_two_hours_and_what_waits_has_ten_minutes(string ready, string reconciling, int minutes, string expected)
    {
        var deployment = Deployment(("Ready", ready), ("Reconciling", reconciling), ("Stalled", "False NotStalled"));

        Assert.Equal(expected, (await HealthScript.JudgeAsync(deployment, Changed.AddMinutes(minutes))).Health);
    }

    [Fact]
    public async Task The_patience_begins_anew_with_every_change_of_a_condition()
    {
        var deployment = Deployment(("Ready", "False GroupsStarting"), ("Reconciling", "True Progressing"), ("Planned", "True Planned"));
        deployment["status"]!["conditions"]![2]!["lastTransitionTime"] = Text(Changed.AddHours(2));

        Assert.Equal("Progressing", (await HealthScript.JudgeAsync(deployment, Changed.AddHours(3))).Health);
        Assert.Equal("Degraded", (await HealthScript.JudgeAsync(deployment, Changed.AddHours(5))).Health);
    }

    [Fact]
    public async Task A_deployment_that_no_operator_looks_at_is_degraded_after_ten_minutes()
    {
        var deployment = Deployment();
        deployment.Remove("status");

        Assert.Equal("Progressing", (await HealthScript.JudgeAsync(deployment, Changed.AddMinutes(9))).Health);
        var (health, message) = await HealthScript.JudgeAsync(deployment, Changed.AddMinutes(11));
        Assert.Equal("Degraded", health);
        Assert.Contains("no operator", message, StringComparison.Ordinal);
    }

    /// <summary>What the API server makes of an object before an operator has seen it, and what of it may be missing.</summary>
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"observedGeneration":-1}""")]
    [InlineData("""{"observedGeneration":-1,"conditions":[]}""")]
    [InlineData("""{"observedGeneration":-1,"conditions":null}""")]
    [InlineData("""{"observedGeneration":-1,"conditions":[{"type":"Ready","status":"Unknown","reason":"Pending","lastTransitionTime":"1970-01-01T00:00:00Z"}]}""")]
    [InlineData("""{"observedGeneration":3}""")]
    [InlineData("""{"observedGeneration":3,"conditions":[]}""")]
    [InlineData("""{"conditions":[{"type":"Ready","status":"True"}]}""")]
    public async Task A_status_that_no_operator_wrote_is_progressing_for_ten_minutes(string status)
    {
        var deployment = Deployment();
        deployment["status"] = JsonNode.Parse(status);

        Assert.Equal("Progressing", (await HealthScript.JudgeAsync(deployment, Changed.AddMinutes(9))).Health);
        Assert.Equal("Degraded", (await HealthScript.JudgeAsync(deployment, Changed.AddMinutes(11))).Health);
    }

    /// <summary>Whatever the conditions are, the script answers, and does not say Progressing for ever.</summary>
    [Theory]
    [InlineData("""[{"type":"Stalled","status":"True"}]""", "Degraded")]
    [InlineData("""[{"type":"Ready","status":"True"},{"type":"Stalled","status":"Unknown"},{"type":"Reconciling"}]""", "Healthy")]
    [InlineData("""[{"type":"Ready","status":"Unknown"},{"type":"Reconciling","status":"Unknown","reason":"x","message":"m"}]""", "Progressing")]
    [InlineData("""[{"type":"Ready","status":"maybe"},{"type":"Reconciling","status":"True"}]""", "Progressing")]
    [InlineData("""[{"type":"Scheduled","status":"True"}]""", "Progressing")]
    [InlineData("""[{"status":"True"}]""", "Progressing")]
    public async Task Conditions_that_lack_something_have_a_health_that_ends(string conditions, string expected)
    {
        var deployment = Deployment();
        deployment["status"]!["conditions"] = JsonNode.Parse(conditions);

        Assert.Equal(expected, (await HealthScript.JudgeAsync(deployment, Changed + Soon)).Health);
        Assert.NotEqual("Progressing", (await HealthScript.JudgeAsync(deployment, Changed + Late)).Health);
    }

    [Fact]
    public async Task A_changed_spec_is_progressing_until_the_operator_has_seen_it()
    {
        var deployment = Deployment(("Ready", "True Ready"), ("Reconciling", "False Settled"), ("Stalled", "False NotStalled"));
        deployment["metadata"]!["generation"] = 4;

        Assert.Equal("Progressing", (await HealthScript.JudgeAsync(deployment, Changed + Soon)).Health);
        Assert.Equal("Progressing", (await HealthScript.JudgeAsync(deployment, Changed + Late)).Health);
    }

    /// <summary>As of an object that was restored with its status.</summary>
    [Fact]
    public async Task A_status_of_a_later_generation_is_not_that_of_this_spec()
    {
        var deployment = Deployment(("Ready", "True Ready"), ("Reconciling", "False Settled"), ("Stalled", "False NotStalled"));
        deployment["metadata"]!["generation"] = 1;

        Assert.Equal("Progressing", (await HealthScript.JudgeAsync(deployment, Changed + Soon)).Health);
    }

    [Theory]
    [InlineData("True Ready", "True RollingOut", "RollingOut: because")]
    [InlineData("False GroupsStarting", "True Progressing", "GroupsStarting: because")]
    public async Task The_message_is_that_of_what_is_missing_or_of_what_goes_on(string ready, string reconciling, string expected)
    {
        var deployment = Deployment(("Ready", ready), ("Reconciling", reconciling), ("Stalled", "False NotStalled"));

        Assert.StartsWith(expected, (await HealthScript.JudgeAsync(deployment, Changed + Soon)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_spec_that_no_operator_looks_at_is_degraded_after_ten_minutes()
    {
        var deployment = Deployment(("Ready", "True Ready"), ("Reconciling", "False Settled"), ("Stalled", "False NotStalled"));
        deployment["metadata"]!["generation"] = 4;
        var written = Changed.AddDays(3);
        deployment["metadata"]!["managedFields"] = new JsonArray(
            new JsonObject { ["manager"] = "argocd-controller", ["time"] = Text(written) },
            new JsonObject { ["manager"] = "kubectl", ["time"] = Text(Changed) },
            new JsonObject { ["manager"] = "gpustack-operator", ["subresource"] = "status", ["time"] = Text(written.AddDays(1)) },
            new JsonObject { ["manager"] = "nameless" });

        Assert.Equal("Progressing", (await HealthScript.JudgeAsync(deployment, written.AddMinutes(9))).Health);
        var (health, message) = await HealthScript.JudgeAsync(deployment, written.AddMinutes(11));
        Assert.Equal("Degraded", health);
        Assert.Contains("changed spec", message, StringComparison.Ordinal);
    }

    private static JsonObject Deployment(params (string Type, string State)[] conditions) => new()
    {
        ["apiVersion"] = "inference.gpustack.io/v1alpha1",
        ["kind"] = "ModelDeployment",
        ["metadata"] = new JsonObject { ["name"] = "m", ["generation"] = 3, ["creationTimestamp"] = Text(Changed) },
        ["spec"] = new JsonObject(),
        ["status"] = new JsonObject
        {
            ["observedGeneration"] = 3,
            ["conditions"] = new JsonArray([.. conditions.Select(condition => new JsonObject
            {
                ["type"] = condition.Type,
                ["status"] = condition.State.Split(' ')[0],
                ["reason"] = condition.State.Split(' ')[1],
                ["message"] = "because \"of\" größe",
                ["lastTransitionTime"] = Text(Changed),
            })]),
        },
    };

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
