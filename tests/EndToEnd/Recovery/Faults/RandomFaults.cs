using System.Globalization;
using System.Text;
using GpuStack.Simulator.Cluster.Kubelets;

namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>
/// Two thousand random faults over two hundred deployments. GPUSTACK_FAULTS_SEED and GPUSTACK_FAULTS_COUNT draw others, or fewer or more; a
/// failure names its seed and the faults of the round.
/// </summary>
[Collection(nameof(QuietCollection))]
public sealed class RandomFaults(ITestOutputHelper output)
{
    private const int Deployments = 200;
    private const int FaultsOfARound = 100;
    private const int DefaultSeed = 20260101;

    /// <summary>From the last fault's end to a cluster that nothing ails: an engine that failed too often is tried every ten minutes.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(40);

    /// <summary>How long nothing must happen then.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(15);

    /// <summary>Times of a small model on a fast network, so that faults fall on groups that serve.</summary>
    private static readonly KubeletBehaviour Kubelets = new()
    {
        PullTime = TimeSpan.FromSeconds(20),
        InitTime = TimeSpan.FromSeconds(1),
        StartTime = TimeSpan.FromSeconds(60),
        TerminationTime = TimeSpan.FromSeconds(2),
        NodeMonitorGrace = TimeSpan.FromSeconds(40),
        RecordEvents = false,
    };

    [Fact]
    public async Task After_random_faults_over_200_deployments_no_GPU_is_given_twice_nothing_is_orphaned_all_reasons_are_true_and_nothing_restarts_without_one()
    {
        var seed = Setting("GPUSTACK_FAULTS_SEED", DefaultSeed);
        var count = Setting("GPUSTACK_FAULTS_COUNT", 2000);
        var wanted = FaultDeployment.All(Deployments);
        await using var scene = await RecoveryScene.StartAsync(
            164, FaultDeployment.SmallPool, "23028Mi", Kubelets,
            $$"""{name: large, count: 30, gpu: {vendor: nvidia, product: {{FaultDeployment.LargePool}}, memory: 23034Mi, count: 8, driver: 550.107.02, computeCapability: "8.9"}, cpu: "128", memory: 1Ti, pods: 110}""",
            """{name: cpu, count: 3, cpu: "64", memory: 256Gi, pods: 110}""");
        string[] nodes = [.. scene.Cluster.Store.List(Simulator.Storage.BuiltInResources.Nodes).Items.Select(node => node.Name).Order(StringComparer.Ordinal)];
        foreach (var deployment in wanted)
            await scene.ApplySpecAsync(deployment.Name, deployment.Spec);
        using var restarts = new RestartCount(scene.Cluster);
        var run = new FaultRun(scene, wanted, nodes, restarts);
        await run.SettleAsync(Recovery, Calm);
        restarts.Take();

        var number = 0;
        foreach (var round in FaultSchedule.Draw(seed, count, Math.Max(1, count / FaultsOfARound), Deployments, nodes.Length))
        {
            var (start, worked) = (TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime);
            try
            {
                await run.StormAsync(round);
                await run.SettleAsync(Recovery, Calm);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new InvalidOperationException($"Round {number} of the faults of GPUSTACK_FAULTS_SEED={seed} GPUSTACK_FAULTS_COUNT={count}: {exception.Message}\n{Story(round, wanted, nodes)}", exception);
            }
            output.WriteLine($"round {number}: {round.Count} faults, {run.Counted}, {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s, of which {(Environment.CpuUsage.TotalTime - worked).TotalSeconds:0.0} s of work");
            number++;
        }
    }

    private static string Story(IReadOnlyList<Fault> round, FaultDeployment[] wanted, string[] nodes)
    {
        var story = new StringBuilder();
        foreach (var fault in round)
        {
            var deployment = wanted[FaultInjector.Befallen(fault, wanted)];
            story.AppendLine(CultureInfo.InvariantCulture, $"{fault.At:mm\\:ss} to {fault.Heals?.ToString(@"mm\:ss", CultureInfo.InvariantCulture) ?? "the next round"} {fault.Kind}, {deployment.Name} ({deployment.Shape}), pod {fault.Pod}, node {nodes[fault.Node]}");
        }
        return story.ToString();
    }

    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
