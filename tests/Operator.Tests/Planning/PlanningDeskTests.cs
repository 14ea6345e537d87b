using System.Collections.Immutable;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning.Volumes;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Tests.Planning;

public class PlanningDeskTests
{
    private readonly FleetSource _fleet = new(ProductTable.Default);
    private readonly PlanningDesk _desk;

    public PlanningDeskTests() => _desk = new PlanningDesk(_fleet);

    [Fact]
    public async Task Two_deployments_never_get_one_GPU()
    {
        AddNodes(1);

        var first = _desk.Decide(await InputAsync("first"));
        var second = _desk.Decide(await InputAsync("second"));

        Assert.Single(first.Groups);
        Assert.Empty(second.Groups);
        Assert.Equal(RefusedGroup.New, second.Refused);
    }

    [Fact]
    public async Task Who_waits_is_served_when_the_GPU_is_given_back()
    {
        AddNodes(1);
        _desk.Decide(await InputAsync("first"));
        _desk.Decide(await InputAsync("second"));

        _desk.Release(new DeploymentKey("default", "first"));

        Assert.Equal(["default/second"], _desk.WaitingInOrder().Select(key => key.ToString()));
        Assert.Single(_desk.Decide(await InputAsync("second")).Groups);
        Assert.Empty(_desk.WaitingInOrder());
    }

    [Fact]
    public async Task The_higher_priority_then_the_older_is_served_first_even_when_another_asks_first()
    {
        AddNodes(1);
        _desk.Decide(await InputAsync("holder"));
        _desk.Decide(await InputAsync("young", minutes: 9));
        _desk.Decide(await InputAsync("old", minutes: 5));
        _desk.Decide(await InputAsync("important", minutes: 10, priority: 1));
        var placed = new List<string>();
        _desk.Placed = key => placed.Add(key.Name);

        Assert.Equal(["important", "old", "young"], _desk.WaitingInOrder().Select(key => key.Name));
        _desk.Release(new DeploymentKey("default", "holder"));
        var young = _desk.Decide(await InputAsync("young", minutes: 9));

        Assert.Empty(young.Groups);
        Assert.Equal(["important"], placed);
        Assert.Single(_desk.PlansOf(new DeploymentKey("default", "important")));
    }

    [Fact]
    public async Task A_plan_stays_when_something_better_appears()
    {
        AddNodes(1);
        var before = _desk.Decide(await InputAsync("small")).Groups[0];

        foreach (var node in Inputs.Nodes("a-better-one", 3, "NVIDIA-L40S", "46068Mi"))
            _fleet.SetNode(node);

        Assert.Same(before, _desk.Decide(await InputAsync("small")).Groups[0]);
    }

    [Fact]
    public async Task A_changed_group_waits_for_its_turn()
    {
        AddNodes(1);
        var before = _desk.Decide(await InputAsync("small")).Groups[0];

        Assert.Same(before, _desk.Decide((await InputAsync("small")) with { InputHash = "changed" }).Groups[0]);
        var after = _desk.Decide((await InputAsync("small")) with { InputHash = "changed", MayUpdate = new HashSet<int> { 0 } }).Groups[0];

        Assert.Equal("changed", after.InputHash);
    }

    [Fact]
    public async Task A_further_group_of_an_update_keeps_its_place_until_its_turn_when_the_spec_changes_once_more()
    {
        AddNodes(2);
        var before = _desk.Decide(await InputAsync("small") with { Surge = 1 }).Groups;
        var changed = await InputAsync("small", "placement: {leader: {nodeName: gpu-0}}") with { InputHash = "changed", Surge = 1 };
        Assert.Equal(2, before.Count);

        Assert.Same(before[1], _desk.Decide(changed).Groups.GetValueOrDefault(1));
        Assert.False(_desk.Decide(changed with { MayUpdate = new HashSet<int> { 1 } }).Groups.ContainsKey(1));
    }

    [Fact]
    public async Task A_change_that_fits_nowhere_leaves_the_group_as_it_is()
    {
        AddNodes(1);
        var before = _desk.Decide(await InputAsync("small")).Groups[0];
        var huge = await InputAsync("small", "placement: {leader: {nodeName: elsewhere}}");

        var outcome = _desk.Decide(huge with { InputHash = "changed", MayUpdate = new HashSet<int> { 0 } });

        Assert.Same(before, outcome.Groups[0]);
        Assert.Equal(RefusedGroup.Changed, outcome.Refused);
        Assert.False(outcome.Refusal!.Feasible);
    }

    [Fact]
    public async Task A_broken_group_is_planned_on_another_node_and_only_that_group()
    {
        AddNodes(3);
        var before = _desk.Decide((await InputAsync("small")) with { Replicas = 2 }).Groups;
        _fleet.RemoveNode(before[0].Plan.Leader.Node);

        var after = _desk.Decide((await InputAsync("small")) with { Replicas = 2, Broken = new HashSet<int> { 0 } }).Groups;

        Assert.NotEqual(before[0].Plan.Leader.Node, after[0].Plan.Leader.Node);
        Assert.NotEqual(before[1].Plan.Leader.Node, after[0].Plan.Leader.Node);
        Assert.Same(before[1], after[1]);
    }

    [Fact]
    public async Task A_group_that_the_scheduler_has_no_room_for_moves_where_there_is_another_place_and_stays_where_there_is_none()
    {
        AddNodes(2);
        var input = await InputAsync("small");
        var before = _desk.Decide(input).Groups[0];
        var full = before.Plan.Leader.Node;
        input = input with { Broken = new HashSet<int> { 0 } };

        var moved = _desk.Decide(input with { Full = ImmutableDictionary<int, ImmutableArray<string>>.Empty.Add(0, [full]) }).Groups[0];
        Assert.NotEqual(full, moved.Plan.Leader.Node);

        _fleet.RemoveNode(full);
        var outcome = _desk.Decide(input with { Full = ImmutableDictionary<int, ImmutableArray<string>>.Empty.Add(0, [moved.Plan.Leader.Node]) });
        Assert.Equal(moved.Hash, outcome.Groups[0].Hash);
        Assert.Null(outcome.Refusal);
    }

    [Fact]
    public async Task Fewer_replicas_give_up_the_last_groups()
    {
        AddNodes(3);
        var before = _desk.Decide((await InputAsync("small")) with { Replicas = 3 }).Groups;

        var after = _desk.Decide(await InputAsync("small")).Groups;

        Assert.Same(before[0], Assert.Single(after).Value);
        Assert.Single(_desk.Decide(await InputAsync("other")).Groups);
    }

    [Fact]
    public async Task Some_replicas_may_have_a_place_while_others_wait()
    {
        AddNodes(2);

        var outcome = _desk.Decide((await InputAsync("small")) with { Replicas = 3 });

        Assert.Equal([0, 1], outcome.Groups.Keys);
        Assert.Equal(RefusedGroup.New, outcome.Refused);
    }

    [Fact]
    public async Task Who_stopped_waiting_is_given_nothing_while_others_are_served()
    {
        AddNodes(1);
        _desk.Decide(await InputAsync("holder"));
        _desk.Decide(await InputAsync("old", minutes: 5));
        _desk.StopWaiting(new DeploymentKey("default", "old"));
        _desk.Release(new DeploymentKey("default", "holder"));

        Assert.Empty(_desk.WaitingInOrder());
        Assert.Single(_desk.Decide(await InputAsync("young", minutes: 9)).Groups);
        Assert.Empty(_desk.PlansOf(new DeploymentKey("default", "old")));
    }

    [Fact]
    public async Task Who_stopped_waiting_keeps_the_plans_in_force()
    {
        AddNodes(1);
        _desk.Decide((await InputAsync("small")) with { Replicas = 2 });

        _desk.StopWaiting(new DeploymentKey("default", "small"));

        Assert.Single(_desk.PlansOf(new DeploymentKey("default", "small")));
    }

    /// <summary>The change fits nowhere but on the large node, and there group 1 stands.</summary>
    [Fact]
    public async Task A_broken_group_is_placed_although_the_change_of_another_was_refused()
    {
        AddNodes(1);
        foreach (var node in Inputs.Nodes("large", 1, "NVIDIA-L40S", "46068Mi", gpus: 2))
            _fleet.SetNode(node);
        var before = _desk.Decide((await InputAsync("small")) with { Replicas = 2 }).Groups;
        Assert.Equal(["gpu-0", "large-0"], before.Values.Select(group => group.Plan.Leader.Node));
        _desk.Decide(await InputAsync("other"));
        var changed = await InputAsync("small", "placement: {gpuSelector: {minMemory: 40Gi}}") with { InputHash = "changed", Replicas = 2 };

        var outcome = _desk.Decide(changed with { MayUpdate = new HashSet<int> { 0 }, Broken = new HashSet<int> { 1 } });

        Assert.Equal(["input", "changed"], outcome.Groups.Values.Select(group => group.InputHash));
        Assert.Equal(RefusedGroup.Changed, outcome.Refused);
    }

    [Fact]
    public async Task New_groups_stand_where_their_own_volumes_are()
    {
        AddNodes(3);
        var input = await InputAsync("small") with { Replicas = 2, GroupVolumes = Volumes("gpu-2", "gpu-0") };

        Assert.Equal(["gpu-2", "gpu-0"], _desk.Decide(input).Groups.Values.Select(group => group.Plan.Leader.Node));
    }

    [Fact]
    public async Task A_new_group_whose_own_volume_is_on_a_full_node_does_not_hold_up_another()
    {
        AddNodes(2);
        _desk.Decide(await InputAsync("other"));
        var input = await InputAsync("small") with { Replicas = 2, GroupVolumes = Volumes("gpu-0", "gpu-1") };

        var outcome = _desk.Decide(input);

        Assert.Equal([1], outcome.Groups.Keys);
        Assert.Equal(RefusedGroup.New, outcome.Refused);
    }

    [Fact]
    public async Task Suggestions_are_tried_with_the_volumes_of_the_group_that_has_no_place()
    {
        AddNodes(1);
        _desk.Decide(await InputAsync("other"));
        foreach (var node in Inputs.Nodes("tainted", 1))
        {
            node.Spec = new V1NodeSpec { Taints = [new V1Taint { Key = "team", Value = "a", Effect = "NoSchedule" }] };
            _fleet.SetNode(node);
        }
        var free = await InputAsync("small");

        var anywhere = _desk.Decide(free).Refusal!.Suggestions;
        var onOneNode = _desk.Decide(free with { InputHash = "changed", GroupVolumes = Volumes("gpu-0") }).Refusal!.Suggestions;

        Assert.Contains(anywhere, suggestion => suggestion.Change.Contains("tolerations", StringComparison.Ordinal));
        Assert.DoesNotContain(onOneNode, suggestion => suggestion.Change.Contains("tolerations", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_groups_on_the_hosts_network_never_get_one_node_though_its_GPUs_are_free()
    {
        foreach (var node in Inputs.Nodes("gpu", 1, gpus: 4))
            _fleet.SetNode(node);
        const string onHost = "network: {hostNetwork: true}";

        Assert.Single(_desk.Decide(await InputAsync("first", onHost)).Groups);
        var second = _desk.Decide(await InputAsync("second", onHost));

        Assert.Empty(second.Groups);
        Assert.Equal(["host port 8000 is taken by group 0 of default/first"], second.Refusal!.Rejected.Select(rejection => rejection.Message));
        Assert.Contains(second.Refusal.Suggestions, suggestion => suggestion.Change == "network.hostNetwork: false");
        Assert.Single(_desk.Decide(await InputAsync("third")).Groups);
        _desk.Release(new DeploymentKey("default", "first"));
        Assert.Single(_desk.Decide(await InputAsync("second", onHost)).Groups);
    }

    [Fact]
    public async Task The_groups_of_one_deployment_on_the_hosts_network_get_a_node_each()
    {
        foreach (var node in Inputs.Nodes("gpu", 2, gpus: 4))
            _fleet.SetNode(node);
        var input = await InputAsync("small", "network: {hostNetwork: true}");

        var two = _desk.Decide(input with { Replicas = 2 });
        var three = _desk.Decide(input with { Replicas = 3 });

        Assert.Equal(["gpu-0", "gpu-1"], two.Groups.Values.Select(group => group.Plan.Leader.Node).Order(StringComparer.Ordinal));
        Assert.Equal(["host port 8000 is taken, on gpu-0 by group 0 of default/small"], three.Refusal!.Rejected.Select(rejection => rejection.Message));
    }

    [Fact]
    public async Task A_group_that_is_planned_anew_may_take_its_own_ports()
    {
        AddNodes(1);
        var input = await InputAsync("small", "network: {hostNetwork: true}");
        _desk.Decide(input);

        var anew = _desk.Decide(input with { InputHash = "other", MayUpdate = new HashSet<int> { 0 } });

        Assert.Null(anew.Refusal);
        Assert.Equal("other", anew.Groups[0].InputHash);
    }

    [Fact]
    public async Task The_claims_of_a_groups_workers_are_asked_about_for_that_group_alone()
    {
        var claims = new WorkerClaims([VolumeConstraint.OneNode("models-small-1-w0-0", "gpu-0", "claim models-small-1-w0-0: its volume is on node gpu-0")]);
        var input = await InputAsync("small") with { WorkerClaims = ImmutableDictionary<int, WorkerClaims>.Empty.Add(1, claims) };

        Assert.True(input.RequestOf(0, []).WorkerClaims.IsEmpty);
        Assert.Same(claims, input.RequestOf(1, []).WorkerClaims);
        Assert.Equal([[0, 2], [1]], input.Alike([0, 1, 2]));
    }

    [Fact]
    public async Task A_preview_claims_nothing()
    {
        AddNodes(1);

        Assert.True(_desk.Preview(await InputAsync("preview")).Feasible);
        Assert.Single(_desk.Decide(await InputAsync("real")).Groups);
        Assert.False(_desk.Preview(await InputAsync("preview")).Feasible);
    }

    private void AddNodes(int count)
    {
        foreach (var node in Inputs.Nodes("gpu", count))
            _fleet.SetNode(node);
    }

    private static ImmutableDictionary<int, ImmutableArray<VolumeConstraint>> Volumes(params string[] nodes) => nodes
        .Select((node, group) => (Group: group, Volume: VolumeConstraint.OneNode($"cache-{group}", node, $"claim cache-{group}: its volume is on node {node}")))
        .ToImmutableDictionary(one => one.Group, one => ImmutableArray.Create(one.Volume));

    private static async Task<PlanningInput> InputAsync(string name, string spec = "", int minutes = 0, int priority = 0)
    {
        var deployment = Inputs.Small(spec, name);
        var request = PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment));
        return new PlanningInput
        {
            Deployment = new DeploymentKey("default", name),
            Request = request with { Replicas = 1 },
            InputHash = "input",
            SourceKey = "source",
            Replicas = 1,
            Rank = new WaitingRank(priority, DateTimeOffset.UnixEpoch.AddMinutes(minutes), name),
        };
    }
}
