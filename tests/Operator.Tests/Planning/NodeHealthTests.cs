using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Tests.Planning;

public class NodeHealthTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Toleration = TimeSpan.FromSeconds(300);

    [Fact]
    public void A_node_that_is_NotReady_for_a_moment_is_not_lost()
    {
        var verdict = Judge(Node("a", "False", secondsAgo: 299));

        Assert.Empty(verdict.Lost);
        Assert.Equal(["a"], verdict.Unready);
        Assert.Equal(TimeSpan.FromSeconds(1), verdict.NextExpiry);
    }

    [Theory]
    [InlineData("False")]
    [InlineData("Unknown")]
    public void A_node_that_is_NotReady_beyond_the_toleration_is_lost(string status)
    {
        var verdict = Judge(Node("a", status, secondsAgo: 300));

        Assert.Equal(["a"], verdict.Lost);
        Assert.Null(verdict.NextExpiry);
    }

    [Fact]
    public void A_node_that_is_gone_is_lost_at_once() => Assert.Equal(["a"], Judge().Lost);

    [Fact]
    public void A_Ready_node_is_neither() => Assert.Equal((0, 0), (Judge(Node("a", "True", 1)).Lost.Length, Judge(Node("a", "True", 1)).Unready.Length));

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, false)]
    [InlineData(2, 1, false)]
    [InlineData(2, 0, true)]
    [InlineData(3, 1, true)]
    [InlineData(3, 2, false)]
    [InlineData(100, 50, false)]
    [InlineData(100, 49, true)]
    public void Nothing_is_moved_while_most_nodes_are_down(int all, int ready, bool down) => Assert.Equal(down, NodeHealth.MostlyDown(all, ready));

    private static NodeVerdict Judge(params V1Node[] nodes) =>
        NodeHealth.Judge(["a"], name => Array.Find(nodes, node => node.Metadata.Name == name), Toleration, Now);

    private static V1Node Node(string name, string ready, int secondsAgo) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Status = new V1NodeStatus
        {
            Conditions = [new V1NodeCondition { Type = "Ready", Status = ready, LastTransitionTime = Now.AddSeconds(-secondsAgo) }],
        },
    };
}
