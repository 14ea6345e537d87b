using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>Does to a scene what faults say, and undoes what lasts.</summary>
internal sealed class FaultInjector(RecoveryScene scene, FaultDeployment[] wanted, string[] nodes)
{
    private const string Strangers = "kube-system";
    private const string Words = "NCCL WARN Cuda failure 'peer access is not supported between these two devices'";

    private static readonly (string, string)[] PeerToPeerOff = [("NCCL_P2P_DISABLE", "1")];

    private readonly FaultDeployment[] _now = [.. wanted];
    private readonly Dictionary<Fault, string> _struck = [];
    private readonly Dictionary<string, JsonObject> _nodes = nodes.ToDictionary(
        node => node, node => (JsonObject)scene.Cluster.Store.Get(BuiltInResources.Nodes, null, node)!.Body.DeepClone(), StringComparer.Ordinal);

    /// <summary>Images that cannot be pulled now.</summary>
    public HashSet<string> FailingImages { get; } = new(StringComparer.Ordinal);

    /// <summary>Pods in which NCCL fails now.</summary>
    public HashSet<string> FailingPods { get; } = new(StringComparer.Ordinal);

    public async Task InjectAsync(Fault fault)
    {
        var node = nodes[fault.Node];
        var deployment = Of(fault);
        var pod = deployment.Pod(fault.Pod);
        switch (fault.Kind)
        {
            case FaultKind.EngineCrash:
                scene.Pods.CrashEngine(RecoveryScene.Namespace, pod, 1, "CUDA error: an illegal memory access was encountered");
                break;
            case FaultKind.EngineKill:
                scene.Pods.KillEngine(RecoveryScene.Namespace, pod);
                break;
            case FaultKind.EngineFreeze:
                scene.Pods.FreezeEngine(RecoveryScene.Namespace, pod);
                break;
            case FaultKind.ContainerCrash:
                scene.Pods.CrashContainers(RecoveryScene.Namespace, pod, 139, "Segmentation fault");
                break;
            case FaultKind.OutOfMemory:
                scene.Pods.OomKill(RecoveryScene.Namespace, pod);
                break;
            case FaultKind.PodDeleted:
                Delete(RecoveryScene.Namespace, pod);
                break;
            case FaultKind.PressureEviction:
                scene.Pods.EvictForPressure(RecoveryScene.Namespace, pod);
                break;
            case FaultKind.Drain:
                scene.Cluster.Drain(node);
                break;
            case FaultKind.Cordon:
                scene.Cluster.Cordon(node);
                break;
            case FaultKind.PowerLoss:
                scene.Cluster.TakeNodeDown(node, NodeFailure.PowerLost);
                break;
            case FaultKind.SilentKubelet:
                scene.Cluster.TakeNodeDown(node, NodeFailure.KubeletSilent);
                break;
            case FaultKind.NodeRemoved when scene.Cluster.Store.Get(BuiltInResources.Nodes, null, node) is not null:
                scene.Cluster.RemoveNode(node);
                break;
            case FaultKind.ForeignPod:
                await TakeGpuAsync(fault, node);
                break;
            case FaultKind.NcclFailure:
                Strike(fault, pod);
                scene.Pods.NcclFailure(RecoveryScene.Namespace, pod, Words, PeerToPeerOff);
                break;
            case FaultKind.NcclFailsAlways:
                Strike(fault, pod);
                scene.Pods.NcclFailure(RecoveryScene.Namespace, pod, Words);
                break;
            case FaultKind.NcclHang:
                Strike(fault, pod);
                scene.Pods.NcclHang(RecoveryScene.Namespace, pod, PeerToPeerOff);
                scene.Pods.CrashEngine(RecoveryScene.Namespace, pod);
                break;
            case FaultKind.Recreate when deployment.Exists:
                _now[Index(fault)] = deployment with { Exists = false };
                await scene.DeleteAsync(deployment.Name);
                break;
            case FaultKind.OperatorRestart:
                await scene.RestartOperatorAsync();
                break;
            case FaultKind.ImageFails:
                var next = deployment with { PodChanges = deployment.PodChanges + 1 };
                FailingImages.Add(next.Image);
                scene.Pods.FailImagePull(next.Image);
                await ApplyAsync(fault, next);
                break;
            default:
                await ApplyAsync(fault, fault.Kind switch
                {
                    FaultKind.Scale => deployment with { Replicas = fault.Pod % 4 },
                    FaultKind.Suspend => deployment with { IsSuspended = true },
                    FaultKind.ChangePods => deployment with { PodChanges = deployment.PodChanges + 1 },
                    FaultKind.ChangeNoPod => deployment with { OtherChanges = deployment.OtherChanges + 1 },
                    _ => deployment,
                });
                break;
        }
    }

    /// <summary>Ends what the fault did, as far as it has not passed by itself.</summary>
    public async Task HealAsync(Fault fault)
    {
        var node = nodes[fault.Node];
        var deployment = Of(fault);
        switch (fault.Kind)
        {
            case FaultKind.Drain or FaultKind.Cordon:
                scene.Cluster.Cordon(node, isCordoned: false);
                break;
            case FaultKind.PowerLoss or FaultKind.SilentKubelet:
                scene.Cluster.BringNodeUp(node);
                break;
            case FaultKind.NodeRemoved when scene.Cluster.Store.Get(BuiltInResources.Nodes, null, node) is null:
                scene.Cluster.Store.Create(BuiltInResources.Nodes, (JsonObject)_nodes[node].DeepClone());
                break;
            case FaultKind.ForeignPod:
                Delete(Strangers, Stranger(fault), force: true);
                break;
            case FaultKind.ImageFails:
                for (var change = 0; change <= deployment.PodChanges; change++)
                {
                    var image = (deployment with { PodChanges = change }).Image;
                    FailingImages.Remove(image);
                    scene.Pods.RestoreImage(image);
                }
                break;
            case FaultKind.NcclFailure or FaultKind.NcclFailsAlways or FaultKind.NcclHang:
                // The deployment may have another number of groups by now, and the name mean another pod.
                _struck.Remove(fault, out var pod);
                FailingPods.Remove(pod!);
                scene.Pods.HealNccl(RecoveryScene.Namespace, pod!);
                break;
            case FaultKind.Scale:
                await ApplyAsync(fault, deployment with { Replicas = wanted[Index(fault)].Replicas });
                break;
            case FaultKind.Suspend:
                await ApplyAsync(fault, deployment with { IsSuspended = false });
                break;
            case FaultKind.Recreate when !deployment.Exists:
                await ApplyAsync(fault, deployment with { Exists = true });
                break;
        }
    }

    /// <summary>The deployment that a fault befalls, as its user wants it now.</summary>
    public FaultDeployment Of(Fault fault) => _now[Index(fault)];

    private void Strike(Fault fault, string pod)
    {
        _struck[fault] = pod;
        FailingPods.Add(pod);
    }

    /// <summary>The index of the deployment that a fault befalls: NCCL fails only where it is used.</summary>
    public static int Befallen(Fault fault, FaultDeployment[] wanted)
    {
        var index = fault.Deployment;
        if (fault.Kind is FaultKind.NcclFailure or FaultKind.NcclFailsAlways or FaultKind.NcclHang)
        {
            while (!wanted[index].UsesNccl)
                index = (index + 1) % wanted.Length;
        }
        return index;
    }

    private int Index(Fault fault) => Befallen(fault, wanted);

    private async Task ApplyAsync(Fault fault, FaultDeployment next)
    {
        _now[Index(fault)] = next;
        if (next.Exists)
            await scene.ApplySpecAsync(next.Name, next.Spec);
    }

    /// <summary>Somebody else's pod gets a GPU of the node, one of ours if none is free: it must not share it.</summary>
    private async Task TakeGpuAsync(Fault fault, string node)
    {
        if (scene.Cluster.Store.Get(BuiltInResources.Nodes, null, node) is not { } stored || stored.Body["status"]?["allocatable"]?["nvidia.com/gpu"] is not { } gpus)
            return;
        var isCordoned = stored.Body["spec"]?["unschedulable"].AsBool() is true;
        scene.Cluster.Store.Modify(BuiltInResources.Nodes, null, node, n => n["spec"]!["unschedulable"] = true);
        await scene.AdvanceAsync(TimeSpan.Zero);
        var pods = Bound(node);
        var isFull = pods.Sum(pod => pod.Gpus) >= long.Parse(gpus.ToString(), CultureInfo.InvariantCulture);
        var victim = pods.Find(pod => pod.Deployment is not null);
        if (isFull && victim is not null)
            Delete(RecoveryScene.Namespace, victim.Name, force: true);
        if (!isFull || victim is not null)
            scene.Pods.RunForeignPod(Strangers, Stranger(fault), node, gpus: 1);
        await scene.AdvanceAsync(TimeSpan.Zero);
        if (!isCordoned)
            scene.Cluster.Store.Modify(BuiltInResources.Nodes, null, node, n => ((JsonObject)n["spec"]!).Remove("unschedulable"));
    }

    private List<PicturePod> Bound(string node) =>
        [.. new ClusterPictureReader(scene.Cluster, wanted).Pods().Where(pod => pod.Node == node && pod is { IsFinished: false, Gpus: > 0 })];

    private static string Stranger(Fault fault) => $"stranger-{fault.At.TotalSeconds:0}-{fault.Node}-{fault.Pod}";

    private void Delete(string @namespace, string pod, bool force = false)
    {
        if (scene.Cluster.Store.Get(BuiltInResources.Pods, @namespace, pod) is { } stored)
            scene.Cluster.Store.Delete(BuiltInResources.Pods, @namespace, pod, new StoreDeleteOptions { Uid = stored.Uid, GracePeriodSeconds = force ? 0 : null });
    }
}
