using FsCheck;
using FsCheck.Fluent;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Planning.Volumes;

namespace GpuStack.Placement.Tests.Planning;

public class VolumeConstraintTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["zone"] = "a", ["slots"] = "7", ["empty"] = "" };

    [Theory]
    [InlineData("zone", NodeOperator.In, "b,a", true)]
    [InlineData("zone", NodeOperator.In, "b", false)]
    [InlineData("rack", NodeOperator.In, "a", false)]
    [InlineData("zone", NodeOperator.NotIn, "a", false)]
    [InlineData("zone", NodeOperator.NotIn, "b", true)]
    [InlineData("rack", NodeOperator.NotIn, "b", true)]
    [InlineData("empty", NodeOperator.Exists, "", true)]
    [InlineData("rack", NodeOperator.Exists, "", false)]
    [InlineData("rack", NodeOperator.DoesNotExist, "", true)]
    [InlineData("empty", NodeOperator.DoesNotExist, "", false)]
    [InlineData("slots", NodeOperator.Gt, "6", true)]
    [InlineData("slots", NodeOperator.Gt, "7", false)]
    [InlineData("slots", NodeOperator.Lt, "8", true)]
    [InlineData("slots", NodeOperator.Lt, "-8", false)]
    [InlineData("slots", NodeOperator.Lt, "many", false)]
    [InlineData("slots", NodeOperator.Lt, "8,9", false)]
    [InlineData("zone", NodeOperator.Gt, "1", false)]
    [InlineData("rack", NodeOperator.Lt, "1", false)]
    public void An_expression_is_judged_as_Kubernetes_judges_it(string key, NodeOperator comparison, string values, bool expected)
    {
        var requirement = new NodeRequirement(key, comparison, values.Split(',', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(expected, requirement.Matches(Labels.GetValueOrDefault(key)));
    }

    [Fact]
    public void Terms_are_alternatives_and_the_expressions_of_a_term_hold_together()
    {
        var constraint = new VolumeConstraint(
            "models",
            [
                new NodeTerm([In("zone", "a"), In("slots", "8")], []),
                new NodeTerm([In("zone", "a")], [In("metadata.name", "n1")]),
            ],
            "");

        Assert.True(constraint.Allows("n1", Labels));
        Assert.False(constraint.Allows("n2", Labels));
        Assert.True(constraint.Allows("n2", new Dictionary<string, string> { ["zone"] = "a", ["slots"] = "8" }));
        Assert.Equal(["slots", "zone"], constraint.Keys);
        Assert.True(constraint.UsesName);
    }

    [Fact]
    public void No_alternative_keeps_every_node_out_and_an_empty_one_none()
    {
        Assert.False(VolumeConstraint.NoNode("models", "it is gone").Allows("n", Labels));
        Assert.True(VolumeConstraint.AnyNode("models").Allows("n", Labels));
        Assert.False(VolumeConstraint.AnyNode("models").UsesName);
    }

    [Fact]
    public void Nodes_that_agree_in_the_keys_fare_alike() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll<byte[], string[], string>(FareAlike));

    private static bool FareAlike(byte[] expressions, string[] values, string other)
    {
        string[] keys = ["a", "b", "c", "d"];
        var constraint = new VolumeConstraint(
            "models",
            [
                .. expressions.Chunk(2).Select(term => new NodeTerm(
                    [.. term.Select(e => new NodeRequirement(keys[e % 3], (NodeOperator)(e / 3 % 6), [$"{e % 5}"]))], [])),
            ],
            "");
        var labels = keys.Zip(values.Where(value => value is not null).Select(value => $"{value.Length % 5}"))
            .ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        var unread = new Dictionary<string, string>(labels, StringComparer.Ordinal) { ["d"] = other ?? "" };
        foreach (var key in keys.Except(constraint.Keys))
            unread.Remove(key);

        return constraint.Allows("n", labels) == constraint.Allows("another", unread);
    }

    [Theory]
    [InlineData("topology.kubernetes.io/zone", "eu-1a", "in zone eu-1a")]
    [InlineData("topology.ebs.csi.aws.com/zone", "b,a", "in zone a, b")]
    [InlineData("kubernetes.io/hostname", "gpu-3", "on node gpu-3")]
    [InlineData("example.com/pool", "5,4,3,2,1", "where example.com/pool in (1, 2, 3, 4, ...)")]
    public void A_term_reads_as_people_would_say_it(string key, string values, string expected) =>
        Assert.Equal(expected, new NodeTerm([new NodeRequirement(key, NodeOperator.In, values.Split(','))], []).ToString());

    [Fact]
    public void A_volume_that_one_node_has_at_a_time_keeps_the_leaders_together()
    {
        var request = Request(VolumeConstraint.AnyNode("cache"), VolumeSharing.OneNode, leaderOnly: true);

        Assert.True(request.LeadersShareNode);
        Assert.Null(request.NodeLimit);
        Assert.Same(request, request.Beside([]));
        var further = request.Beside(["n2", "n1"]);
        Assert.True(Allowed(further, "n1"));
        Assert.False(Allowed(further, "n2"));
        Assert.Contains("node n1", further.Volumes[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_that_one_pod_has_at_a_time_leaves_no_place_for_a_second_group()
    {
        var request = Request(VolumeConstraint.AnyNode("cache"), VolumeSharing.OnePod, leaderOnly: true);

        Assert.True(Allowed(request, "n1"));
        Assert.False(Allowed(request.Beside(["n1"]), "n1"));
    }

    [Fact]
    public void A_volume_that_all_pods_mount_and_one_node_has_at_a_time_keeps_a_group_on_one_node()
    {
        Assert.Equal(1, Request(VolumeConstraint.AnyNode("cache"), VolumeSharing.OneNode, leaderOnly: false).NodeLimit);
        Assert.Null(Request(VolumeConstraint.AnyNode("cache"), VolumeSharing.AnyNodes, leaderOnly: false).NodeLimit);
    }

    private static NodeRequirement In(string key, params string[] values) => new(key, NodeOperator.In, values);

    private static bool Allowed(PlacementRequest request, string node) => request.Volumes.All(volume => volume.Allows(node, Labels));

    private static PlacementRequest Request(VolumeConstraint constraint, VolumeSharing sharing, bool leaderOnly) => new()
    {
        Name = "r",
        Launch = SyntheticModels.Launch(SyntheticModels.Llama8B, 2048),
        Volumes = [new VolumeConstraint(constraint.Claim, constraint.Alternatives, constraint.Message) { Sharing = sharing, LeaderOnly = leaderOnly }],
    };
}
