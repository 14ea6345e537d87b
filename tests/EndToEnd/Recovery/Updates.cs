using System.Text.Json.Nodes;
using GpuStack.Operator.Hosting;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Recovery;

/// <summary>What a changed spec, another operator and the scale subresource do to groups that serve.</summary>
[Collection(nameof(QuietCollection))]
public sealed class Updates
{
    private const string Changed = "engine: {env: [{name: LLAMA_LOG_VERBOSITY, value: '3'}]}\n";

    /// <summary>Stopping, the init containers, and loading, on nodes that have the images.</summary>
    private static readonly TimeSpan Replacing = RecoveryScene.Load + TimeSpan.FromSeconds(15);

    [Fact]
    public async Task An_update_with_maxSurge_and_room_has_a_further_group_first_and_as_many_serve_all_the_time()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3);
        const string spec = "replicas: 2\nupdateStrategy: {maxSurge: 1, maxUnavailable: 0}\n";
        await scene.BringUpAsync("m", spec);
        var (most, fewest) = (0, int.MaxValue);

        await scene.ApplyAsync("m", Changed + spec);
        var took = await scene.UntilAsync(
            () =>
            {
                (most, fewest) = (Math.Max(most, Leaders(scene, "m").Count), Math.Min(fewest, Serving(scene, "m")));
                return IsDone(scene, "m", replicas: 2);
            },
            TimeSpan.FromHours(1));

        Assert.Equal((3, 2), (most, fewest));
        // The third node has to pull its images; then one group after the other.
        Assert.InRange(took, 3 * RecoveryScene.Load, (3 * Replacing) + TimeSpan.FromMinutes(5));
        Assert.Equal(["m-0-0", "m-1-0"], Leaders(scene, "m"));
    }

    [Fact]
    public async Task An_update_with_maxSurge_but_without_room_takes_one_group_down_at_a_time()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2);
        const string spec = "replicas: 2\nupdateStrategy: {maxSurge: 1, maxUnavailable: 1}\n";
        await scene.BringUpAsync("m", spec);
        var fewest = int.MaxValue;

        await scene.ApplyAsync("m", Changed + spec);
        var took = await scene.UntilAsync(
            () =>
            {
                fewest = Math.Min(fewest, Serving(scene, "m"));
                return IsDone(scene, "m", replicas: 2);
            },
            TimeSpan.FromHours(1));

        Assert.InRange(took, 2 * RecoveryScene.Load, 2 * Replacing);
        Assert.Equal(1, fewest);
        Assert.Equal(["m-0-0", "m-1-0"], Leaders(scene, "m"));
    }

    [Fact]
    public async Task Two_deployments_in_update_at_once_each_go_on_serving()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 4);
        await scene.BringUpAsync("a", "replicas: 2");
        await scene.BringUpAsync("b", "replicas: 2");
        var fewest = int.MaxValue;

        await scene.ApplyAsync("a", Changed + "replicas: 2");
        await scene.ApplyAsync("b", Changed + "replicas: 2");
        var took = await scene.UntilAsync(
            () =>
            {
                fewest = Math.Min(fewest, Math.Min(Serving(scene, "a"), Serving(scene, "b")));
                return IsDone(scene, "a", replicas: 2) && IsDone(scene, "b", replicas: 2);
            },
            TimeSpan.FromHours(1));

        Assert.InRange(took, 2 * RecoveryScene.Load, 2 * Replacing);
        Assert.Equal(1, fewest);
    }

    [Theory]
    [InlineData("access: {service: {annotations: {example.com/team: inference}}}")]
    [InlineData("access: {service: {type: NodePort}}")]
    [InlineData("placement: {maxNodes: 7}")]
    [InlineData("updateStrategy: {maxSurge: 1}")]
    public async Task A_changed_spec_that_alters_no_pod_restarts_nothing(string change)
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3, "NVIDIA-GeForce-RTX-4090", "24564Mi");
        await scene.BringUpGroupAsync("large");
        var before = scene.Fingerprint("large");

        await scene.ApplyAsync("large", change, "Llama-3.3-70B-Instruct-GGUF/Llama-3.3-70B-Instruct-Q4_K_M.gguf");
        await scene.UntilAsync("large", RecoveryScene.IsReady, TimeSpan.FromSeconds(10));
        await scene.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal(before, scene.Fingerprint("large"));
        Assert.Equal((1, 1), (scene.Deployment("large")!.Status!.UpdatedReplicas, scene.Deployment("large")!.Status!.ReadyReplicas));
    }

    [Fact]
    public async Task Another_operator_with_other_images_restarts_nothing_until_the_spec_changes()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 4);
        await scene.BringUpAsync("small");
        await scene.BringUpServingAsync("m", "type: VLLM");
        var before = scene.Fingerprint("small").Concat(scene.Fingerprint("m")).ToList();

        await scene.RestartOperatorAsync(OtherImages);
        await scene.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(before, scene.Fingerprint("small").Concat(scene.Fingerprint("m")));
        Assert.True(scene.IsReady("small") && scene.IsReady("m"));

        await scene.BringUpAsync("small", Changed);
        Assert.Equal("registry.example.com/helper:2", scene.Pod("small-0-0")!.Body["spec"]!["initContainers"]![0]!["image"].AsText());

        static OperatorSettings OtherImages(OperatorSettings settings) => settings with
        {
            HelperImage = "registry.example.com/helper:2",
            LlamaCppImages = settings.LlamaCppImages.SetItem("nvidia", "registry.example.com/llama:2"),
            VllmImages = settings.VllmImages.SetItem("nvidia", "registry.example.com/vllm:2"),
        };
    }

    [Fact]
    public async Task The_scale_subresource_adds_groups_and_takes_the_last_ones_away()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3);
        await scene.BringUpAsync("m");
        var first = scene.Fingerprint("m", group: 0);

        await scene.ScaleAsync("m", 3);
        await scene.UntilAsync("m", RecoveryScene.IsReady, RecoveryScene.Startup);
        Assert.Equal((3, 3), (scene.Deployment("m")!.Status!.Replicas, scene.Deployment("m")!.Status!.ReadyReplicas));
        Assert.Equal(first, scene.Fingerprint("m", group: 0));

        await scene.ScaleAsync("m", 1);
        var took = await scene.UntilAsync(() => Leaders(scene, "m") is ["m-0-0"] && scene.IsReady("m"), TimeSpan.FromMinutes(1));
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(first, scene.Fingerprint("m", group: 0));

        await scene.ScaleAsync("m", 0);
        await scene.UntilAsync("m", d => RecoveryScene.Has(d, "Ready", "True", "ScaledToZero") && Leaders(scene, "m").Count == 0, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Suspend_frees_the_GPUs_within_seconds_and_keeps_the_claim()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 1);
        const string claim = "cache: {persistentVolumeClaim: {size: 20Gi}}\n";
        await scene.BringUpAsync("m", claim);
        var uid = scene.Cluster.Store.List(BuiltInResources.PersistentVolumeClaims, RecoveryScene.Namespace).Items.Single().Uid;
        await scene.ApplyAsync("waiting");
        await scene.UntilAsync("waiting", d => RecoveryScene.Has(d, "Ready", "False", "InsufficientCapacity"), TimeSpan.FromMinutes(1));

        await scene.ApplyAsync("m", claim + "suspend: true");
        await scene.UntilAsync("m", d => RecoveryScene.Has(d, "Ready", "True", "Suspended"), TimeSpan.FromSeconds(5));
        var given = await scene.UntilAsync(() => scene.NodeOf("waiting-0-0").Length > 0, TimeSpan.FromMinutes(1));
        Assert.InRange(given, TimeSpan.Zero, TimeSpan.FromSeconds(10));

        await scene.UntilAsync("waiting", RecoveryScene.IsReady, RecoveryScene.Startup);
        await scene.DeleteAsync("waiting");
        await scene.BringUpAsync("m", claim);
        Assert.Equal(uid, scene.Cluster.Store.List(BuiltInResources.PersistentVolumeClaims, RecoveryScene.Namespace).Items.Single().Uid);
    }

    [Fact]
    public async Task A_group_that_loads_for_longer_than_startupTimeout_says_so_and_goes_on()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 1);
        await scene.ApplyAsync("m", "engine: {startupTimeout: 4m}");
        await scene.UntilAsync(() => scene.Pod("m-0-0")?.Body["status"]?["containerStatuses"]?[0]?["state"]?["running"] is not null, RecoveryScene.Startup);
        var uid = scene.Pod("m-0-0")!.Uid;

        var shown = await scene.UntilAsync("m", d => RecoveryScene.Has(d, "Ready", "False", "StartupTimeout"), TimeSpan.FromMinutes(5));
        Assert.InRange(shown, TimeSpan.FromMinutes(4), TimeSpan.FromSeconds(245));
        await scene.UntilAsync("m", RecoveryScene.IsReady, TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(5));
        Assert.Equal(uid, scene.Pod("m-0-0")!.Uid);
    }

    private static List<string> Leaders(RecoveryScene scene, string name) =>
    [
        .. scene.Cluster.Store.List(BuiltInResources.Pods, RecoveryScene.Namespace).Items.Select(pod => pod.Name)
            .Where(pod => pod.StartsWith($"{name}-", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    private static int Serving(RecoveryScene scene, string name) => Leaders(scene, name).Count(scene.IsPodReady);

    private static bool IsDone(RecoveryScene scene, string name, int replicas) =>
        scene.Deployment(name) is { Status.UpdatedReplicas: var updated } deployment && updated == replicas && RecoveryScene.IsReady(deployment)
        && deployment.Status!.Groups!.Count == replicas && Leaders(scene, name).Count == replicas
        && Leaders(scene, name).TrueForAll(pod => (scene.Pod(pod)!.Body["spec"]!["containers"]![0]!["env"] as JsonArray)!.Any(variable => variable!["name"].AsText() == "LLAMA_LOG_VERBOSITY"));
}
