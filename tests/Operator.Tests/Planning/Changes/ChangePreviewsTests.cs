using GpuStack.Operator.Planning.Changes;
using GpuStack.Operator.Reporting;

namespace GpuStack.Operator.Tests.Planning.Changes;

public class ChangePreviewsTests
{
    private const string Elsewhere = "placement: {nodeSelector: {kubernetes.io/hostname: other-0}}";

    [Theory]
    [InlineData("", ChangeAction.Unchanged, "nothing changed")]
    [InlineData("access: {service: {port: 9000}}", ChangeAction.Unchanged, "access.service.port changed, which is nothing to its pods")]
    [InlineData("engine: {args: [--no-warmup]}", ChangeAction.Restart, "engine.args changed")]
    [InlineData("engine: {contextLength: 4096}", ChangeAction.Restart, "engine.contextLength changed")]
    [InlineData(Elsewhere, ChangeAction.Move, "placement.nodeSelector changed")]
    [InlineData("placement: {nodeSelector: {kubernetes.io/hostname: nowhere}}", ChangeAction.Keep, "the new spec has no place, so it goes on running by the older one")]
    internal async Task A_changed_spec_does_to_the_group_what_its_fields_mean(string spec, ChangeAction action, string reason)
    {
        var cluster = await Cluster().RunAsync(Inputs.Small());

        var preview = await cluster.PreviewAsync(Inputs.Small(spec));

        var change = Assert.Single(preview.Groups);
        Assert.Equal((0, action), (change.Group, change.Action));
        Assert.StartsWith(reason, change.Reason, StringComparison.Ordinal);
        Assert.Equal("gpu-0", change.From!.Leader.Node);
        Assert.Equal(action == ChangeAction.Move ? "other-0" : "gpu-0", change.To!.Leader.Node);
        Assert.Equal(action == ChangeAction.Keep, preview.Refusal is not null);
    }

    [Fact]
    public async Task What_a_group_needs_more_may_take_it_to_more_GPUs()
    {
        var cluster = await new RunningCluster([.. Inputs.Nodes("gpu", 3)]).RunAsync(Inputs.Small());

        var change = Assert.Single((await cluster.PreviewAsync(Inputs.Small("placement: {scope: MultiNode}"))).Groups);

        Assert.Equal((ChangeAction.Move, 0, 1), (change.Action, change.From!.Workers.Length, change.To!.Workers.Length));
    }

    [Fact]
    public async Task More_replicas_are_new_groups_and_those_without_a_place_wait()
    {
        var cluster = await Cluster().RunAsync(Inputs.Small());

        var preview = await cluster.PreviewAsync(Inputs.Small("replicas: 4"));

        Assert.Equal([ChangeAction.Unchanged, ChangeAction.Create, ChangeAction.Create, ChangeAction.Create], preview.Groups.Select(change => change.Action));
        Assert.Equal(["gpu-0", "gpu-1", "other-0", null], preview.Groups.Select(change => change.To?.Leader.Node));
        Assert.StartsWith("waits for capacity: ", preview.Groups[3].Reason, StringComparison.Ordinal);
        Assert.Equal(3, preview.Plans.Length);
    }

    [Fact]
    public async Task Fewer_replicas_remove_the_last_groups_and_what_they_held_serves_the_others()
    {
        var cluster = await Cluster().RunAsync(Inputs.Small("replicas: 3"));
        Assert.Equal(
            [ChangeAction.Unchanged, ChangeAction.Remove, ChangeAction.Remove],
            (await cluster.PreviewAsync(Inputs.Small("replicas: 1"))).Groups.Select(change => change.Action));

        var moved = (await cluster.PreviewAsync(Inputs.Small($"replicas: 1\n{Elsewhere}"))).Groups;

        Assert.Equal((ChangeAction.Move, "other-0"), (moved[0].Action, moved[0].To!.Leader.Node));
    }

    [Theory]
    [InlineData("suspend: true", ChangeAction.Remove, "spec.suspend is true")]
    [InlineData("replicas: 0", ChangeAction.Remove, "spec.replicas is 0")]
    [InlineData("planOnly: true", ChangeAction.Unchanged, "spec.planOnly is true")]
    internal async Task A_spec_that_wants_nothing_to_run_is_said_so(string spec, ChangeAction action, string why)
    {
        var cluster = await Cluster().RunAsync(Inputs.Small());

        var preview = await cluster.PreviewAsync(Inputs.Small(spec));

        Assert.Equal(action, Assert.Single(preview.Groups).Action);
        Assert.Equal(action == ChangeAction.Remove, preview.Plans.IsEmpty);
        Assert.StartsWith(why, preview.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deployment_that_is_not_there_yet_is_made_beside_the_others()
    {
        var cluster = await Cluster().RunAsync(Inputs.Small(name: "first"));

        var preview = await cluster.PreviewAsync(Inputs.Small("replicas: 2", name: "second"));

        Assert.All(preview.Groups, change => Assert.Equal((ChangeAction.Create, null), (change.Action, change.From)));
        Assert.Equal(["gpu-1", "other-0"], preview.Groups.Select(change => change.To!.Leader.Node));
        Assert.Empty(preview.Notes);
    }

    [Fact]
    public async Task A_group_whose_node_is_lost_moves_and_the_others_stay()
    {
        var cluster = await Cluster().RunAsync(Inputs.Small("replicas: 2"));
        cluster.TakeDown("gpu-1");

        var preview = await cluster.PreviewAsync(Inputs.Small("replicas: 2"));

        Assert.Equal([ChangeAction.Unchanged, ChangeAction.Move], preview.Groups.Select(change => change.Action));
        Assert.Equal("other-0", preview.Groups[1].To!.Leader.Node);
        Assert.Contains("gpu-1", preview.Groups[1].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Order, by updateStrategy.maxUnavailable 1: group 0, then group 1, then group 2.")]
    [InlineData("updateStrategy: {maxUnavailable: 2}", "Order, by updateStrategy.maxUnavailable 2: groups 0 and 1, then group 2.")]
    [InlineData("updateStrategy: {type: OnDelete}", "updateStrategy is OnDelete: nothing restarts until the pod of a group's leader is deleted.")]
    public async Task Groups_are_replaced_in_the_order_of_the_update_strategy(string strategy, string note)
    {
        var cluster = await Cluster().RunAsync(Inputs.Small("replicas: 3"));

        var preview = await cluster.PreviewAsync(Inputs.Small($"replicas: 3\nengine: {{args: [--no-warmup]}}\n{strategy}"));

        Assert.All(preview.Groups, change => Assert.Equal(ChangeAction.Restart, change.Action));
        Assert.Equal([note], preview.Notes);
    }

    [Fact]
    public async Task The_only_group_is_not_replaced_without_a_pause()
    {
        var cluster = await Cluster().RunAsync(Inputs.Small());

        Assert.Contains(
            "The deployment does not answer while its pods are replaced.", (await cluster.PreviewAsync(Inputs.Small("engine: {args: [--no-warmup]}"))).Notes);
    }

    [Theory]
    [InlineData("access: {service: {port: 9000}}", "Without restarting a pod: Service small changes.")]
    [InlineData("access: {networkPolicy: Disabled}", "Without restarting a pod: NetworkPolicy small is removed.")]
    public async Task Objects_that_change_without_pods_are_named(string spec, string note)
    {
        var cluster = await Cluster().RunAsync(Inputs.Small());

        Assert.Equal([note], (await cluster.PreviewAsync(Inputs.Small(spec))).Notes);
        Assert.Equal(
            [note.Replace("is removed", "is made", StringComparison.Ordinal)],
            (await (await Cluster().RunAsync(Inputs.Small(spec))).PreviewAsync(Inputs.Small())).Notes);
    }

    [Fact]
    public async Task A_previewed_spec_is_reported_as_a_line_and_as_JSON_for_each_group()
    {
        var cluster = await Cluster().RunAsync(Inputs.Small());
        var preview = await cluster.PreviewAsync(Inputs.Small(Elsewhere));

        Assert.Equal(
            "group 0: moves from gpu-0 (1 GPU) to other-0 (1 GPU): placement.nodeSelector changed", ChangeReport.Lines(preview).First());
        var json = Assert.Single(ChangeReport.Json(preview))!;
        Assert.Equal(("Move", "gpu-0", "other-0"), ((string?)json["action"], (string?)json["from"]!["leader"]!["node"], (string?)json["to"]!["leader"]!["node"]));
    }

    [Fact]
    public void Fields_that_differ_are_named_by_their_paths()
    {
        var before = Inputs.Small("engine: {contextLength: 4096}\nplacement: {nodeSelector: {a.b/c: d}}").Spec;
        var after = Inputs.Small("engine: {contextLength: 8192, args: [-v]}\nreplicas: 2\nplacement: {nodeSelector: {a.b/c: e}}").Spec;

        Assert.Equal(["engine.args", "engine.contextLength", "placement.nodeSelector", "replicas"], SpecDifference.Paths(before, after).Order(StringComparer.Ordinal));
        Assert.Null(SpecDifference.Describe(before, before));
        Assert.EndsWith(" changed", SpecDifference.Describe(before, after), StringComparison.Ordinal);
    }

    private static RunningCluster Cluster() => new([.. Inputs.Nodes("gpu", 2), .. Inputs.Nodes("other", 1)]);
}
