namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>The checker finds what is wrong, and nothing else.</summary>
public sealed class InvariantsTests
{
    private static readonly ClusterPicture Good = new()
    {
        Nodes = [new PictureNode("n0", "L4", 2), new PictureNode("n1", "L4", 1), new PictureNode("cold", "L4", 8, IsReady: false)],
        Deployments =
        [
            new PictureDeployment("a", "uid-a", 1, IsReady: true, "Ready")
            {
                Groups = [new PictureGroup(0, "p", IsReady: true, [("n0", 1), ("n1", 1)])],
                Need = new PictureNeed("L4", 2, 1),
            },
            new PictureDeployment("b", "uid-b", 1, IsReady: false, "InsufficientCapacity") { IsPlanned = false, Need = new PictureNeed("L4", 1, 2) },
            new PictureDeployment("c", "uid-c", 0, IsReady: true, "Suspended"),
        ],
        Children =
        [
            new PictureChild("Service", "a", "1", "a", "uid-a"),
            new PictureChild("StatefulSet", "a-0", "2", "a", "uid-a", 0) { Replicas = 1, Plan = "p" },
            new PictureChild("StatefulSet", "a-0-w0", "3", "a", "uid-a", 0) { Replicas = 1, Plan = "p" },
            new PictureChild("ConfigMap", "a-0-plan", "4", "a", "uid-a", 0) { Plan = "p" },
        ],
        Pods =
        [
            new PicturePod("a-0-0", "a", 0, "n0", 1, IsReady: true) { Owner = "2" },
            new PicturePod("a-0-w0-0", "a", 0, "n1", 1, IsReady: true) { Owner = "3" },
            new PicturePod("done", null, 0, "n1", 1, IsReady: false) { IsFinished = true },
        ],
    };

    [Fact]
    public void Nothing_is_found_where_nothing_is_wrong() => Assert.Empty(Invariants.WhenCalm(Good));

    [Fact]
    public void A_GPU_of_two_pods_is_found() => Found(
        Good with { Pods = Good.Pods.Add(new PicturePod("stranger", null, 0, "n1", 1, IsReady: true)) }, "node n1 has 1 GPUs, which belong to a-0-w0-0 (1), stranger (1)");

    [Fact]
    public void A_GPU_of_two_plans_is_found() => Found(
        With(Good, "b", b => b with { Groups = [new PictureGroup(0, "q", IsReady: false, [("n0", 2)])] }), "node n0 has 2 GPUs, which are planned for a/0 (1), b/0 (2)");

    [Fact]
    public void Who_says_Ready_with_a_pod_that_is_not_is_found() => Found(
        Good with { Pods = Good.Pods.SetItem(1, Good.Pods[1] with { IsReady = false }) }, "a says that it is Ready, while 0 of 1 groups");

    [Fact]
    public void Who_says_Ready_with_a_pod_missing_is_found() => Found(
        Good with { Pods = Good.Pods.RemoveAt(0) }, "a says that it is Ready, while 0 of 1 groups");

    [Fact]
    public void Who_does_not_say_Ready_with_all_pods_Ready_is_found() => Found(
        With(Good, "a", a => a with { IsReady = false, Reason = "GroupsNotReady" }), "a says GroupsNotReady, while all its groups have all their pods Ready");

    [Fact]
    public void A_group_that_is_said_not_to_serve_and_does_is_found() => Found(
        With(Good, "a", a => a with { Groups = [a.Groups[0] with { IsReady = false }] }), "a says of group 0 that it is not Ready, which its pods deny");

    [Fact]
    public void A_status_of_an_older_spec_is_found() => Found(With(Good, "a", a => a with { IsObserved = false }), "a: the status is of an older spec");

    [Fact]
    public void An_object_without_its_deployment_is_found() => Found(
        Good with { Children = Good.Children.Add(new PictureChild("Service", "x", "9", "x", "uid-x")) }, "Service x belongs to x, which is not there");

    [Fact]
    public void An_object_of_a_former_deployment_is_found() => Found(
        Good with { Children = Good.Children.SetItem(0, Good.Children[0] with { Owner = "uid-before" }) }, "Service a belongs to a former a");

    [Fact]
    public void An_object_of_a_group_that_is_not_wanted_is_found() => Found(
        Good with { Children = Good.Children.Add(new PictureChild("StatefulSet", "a-1", "9", "a", "uid-a", 1)) }, "StatefulSet a-1 is for group 1 of a, which is not wanted");

    [Fact]
    public void An_object_of_a_plan_that_was_given_up_is_found() => Found(
        Good with { Children = Good.Children.Add(new PictureChild("ConfigMap", "a-0-old", "9", "a", "uid-a", 0) { Plan = "old" }) }, "ConfigMap a-0-old follows the plan old");

    [Fact]
    public void A_pod_without_its_StatefulSet_is_found() => Found(
        Good with { Pods = Good.Pods.Add(new PicturePod("a-1-0", "a", 1, null, 1, IsReady: false) { Owner = "9" }) }, "pod a-1-0 has no StatefulSet");

    [Fact]
    public void A_group_too_many_is_found() => Found(
        With(Good, "c", c => c with { Groups = [new PictureGroup(0, "p", IsReady: false, [])] }), "c has 1 groups and wants 0");

    [Fact]
    public void Who_waits_for_GPUs_that_are_free_is_found() => Found(
        Good with { Nodes = Good.Nodes.Add(new PictureNode("n2", "L4", 2)) }, "b is not Ready for the reason InsufficientCapacity, which is not so");

    [Fact]
    public void Who_waits_for_GPUs_of_another_product_is_not_found() =>
        Assert.Empty(Invariants.WhenCalm(Good with { Nodes = Good.Nodes.Add(new PictureNode("n2", "A10", 2)) }));

    [Fact]
    public void An_engine_that_is_said_to_fail_and_does_not_is_found()
    {
        var failing = With(Good with { Pods = Good.Pods.SetItem(0, Good.Pods[0] with { IsReady = false, Engine = "Stalled" }) }, "a", a => a with
        {
            IsReady = false,
            Reason = "EngineFailing",
            Stalled = "EngineFailing",
            Groups = [a.Groups[0] with { IsReady = false }],
        });
        Assert.Empty(Invariants.WhenCalm(failing with { FailingPods = ["a-0-0"] }));
        Assert.Empty(Invariants.StillTried(failing with { FailingPods = ["a-0-0"] }));
        Assert.Single(Invariants.StillTried(failing with { FailingPods = ["a-0-0"], Pods = failing.Pods.SetItem(0, failing.Pods[0] with { Engine = "BackingOff" }) }));
        Found(failing, "a: the engine of pod a-0-0 is Stalled");
        Found(failing, "a is not Ready for the reason EngineFailing, which is not so");
    }

    [Fact]
    public void Who_waits_for_an_image_that_can_be_pulled_is_found()
    {
        var waiting = With(Good with { Pods = Good.Pods.SetItem(0, Good.Pods[0] with { IsReady = false, UnpulledImage = "i:1" }) }, "a", a => a with
        {
            IsReady = false,
            Reason = "GroupsNotReady",
            Groups = [a.Groups[0] with { IsReady = false }],
        });
        Assert.Empty(Invariants.WhenCalm(waiting with { FailingImages = ["i:1"] }));
        Found(waiting, "a is not Ready for the reason GroupsNotReady, which is not so");
    }

    [Fact]
    public void Who_stays_on_a_lost_node_although_there_is_room_is_found()
    {
        var lost = With(Good with { Nodes = Good.Nodes.SetItem(1, Good.Nodes[1] with { IsReady = false }), Pods = Good.Pods.SetItem(1, Good.Pods[1] with { IsReady = false }) }, "a", a => a with
        {
            IsReady = false,
            Reason = "InsufficientCapacity",
            IsPlanned = false,
            Groups = [a.Groups[0] with { IsReady = false }],
        });
        Assert.Empty(Invariants.WhenCalm(lost));
        var roomy = lost with { Nodes = lost.Nodes.Add(new PictureNode("n2", "L4", 1)) };
        Found(roomy, "a has group 0 on node n1, which is lost");
        Found(roomy, "a is not Ready for the reason InsufficientCapacity, which is not so");
        Assert.Empty(Invariants.WhenCalm(roomy with { Nodes = roomy.Nodes.SetItem(roomy.Nodes.Length - 1, new PictureNode("n2", "L4", 1, IsCordoned: true)) }));
    }

    [Theory]
    [InlineData("GroupsNotReady", "EngineFailing", true, "a is not Ready for the reason GroupsNotReady, and says that it is stalled for the reason EngineFailing")]
    [InlineData("EngineFailing", null, true, "a is not Ready for the reason EngineFailing, and says that it is not stalled")]
    [InlineData("InsufficientCapacity", null, true, "a is not Ready for the reason InsufficientCapacity, and says that it has a plan")]
    public void Conditions_that_contradict_each_other_are_found(string reason, string? stalled, bool isPlanned, string violation) =>
        Found(With(Good, "a", a => a with { IsReady = false, Reason = reason, Stalled = stalled, IsPlanned = isPlanned }), violation);

    [Fact]
    public void Who_wants_nothing_and_says_something_else_is_found() => Found(
        With(Good, "c", c => c with { Reason = "Ready" }), "c wants no group and says Ready");

    [Fact]
    public void Who_is_Ready_and_stalled_is_found() => Found(With(Good, "a", a => a with { Stalled = "EngineFailing" }), "a is Ready and says that it is stalled: EngineFailing");

    private static void Found(ClusterPicture picture, string violation) =>
        Assert.Contains(Invariants.WhenCalm(picture), found => found.StartsWith(violation, StringComparison.Ordinal));

    private static ClusterPicture With(ClusterPicture picture, string name, Func<PictureDeployment, PictureDeployment> change) =>
        picture with { Deployments = [.. picture.Deployments.Select(deployment => deployment.Name == name ? change(deployment) : deployment)] };
}
