using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Controllers;

public sealed class OwnerWatchTests : ControllerScene
{
    private const string Nodes = "/api/v1/nodes";

    [Fact]
    public async Task ChildrenAndOthers_ReconcileWhomTheyBelongTo()
    {
        Memory.Seed(DefaultSets, Set("b"));
        await SettleAsync(
            c => c.Owns<V1Pod>().Watches<V1Node>(change => [new EntityKey("default", change.Object.Metadata.Labels!["for"])], change => change.Type != InformerEventType.Deleted),
            watches: 3);
        Assert.Equal("default/b", await Scripted.NextAsync());
        await Memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("p", Owner("a")));
        Assert.Equal("default/a", await Scripted.NextAsync());

        // None of these is controlled by the StatefulSet b; if one were taken for it, b would come before a.
        var arrived = WaitFor<V1Pod>(pod => pod.Metadata.Name == "s");
        await Memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("q", Owner("b", version: "other/v1")));
        await Memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("r", Owner("b", kind: "ReplicaSet")));
        await Memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("s", Owner("b", controller: false)));
        await arrived;
        await Memory.ChangeAsync(Nodes, Nodes, "ADDED", """{"metadata":{"name":"n","labels":{"for":"a"}}}""");
        Assert.Equal("default/a", await Scripted.NextAsync());
    }

    [Fact]
    public async Task EveryOwner_IsReconciled_WhereThatIsAskedFor()
    {
        Memory.Seed(DefaultSets, Set("b"));
        await SettleAsync(c => c.Owns<V1Pod>(everyOwner: true), watches: 2);
        Assert.Equal("default/b", await Scripted.NextAsync());
        await Memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("p", $"{Owner("a")},{Owner("b", controller: false)}"));

        Assert.Equal("default/a", await Scripted.NextAsync());
        Assert.Equal("default/b", await Scripted.NextAsync());
    }

    [Fact]
    public async Task AnOwnerThatLostItsChild_IsReconciledToo()
    {
        Memory.Seed(DefaultSets, Set("b"));
        Memory.Seed(DefaultPods, Pod("p", Owner("a")));
        await SettleAsync(c => c.Owns<V1Pod>(), watches: 2);
        Assert.Equal("default/b", await Scripted.NextAsync());
        await Memory.ChangeAsync(Pods, DefaultPods, "MODIFIED", Pod("p", Owner("b")));

        Assert.Equal(["default/a", "default/b"], new[] { await Scripted.NextAsync(), await Scripted.NextAsync() }.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AMapThatThrows_StopsNothing()
    {
        await SettleAsync(c => c.Watches<V1Pod>(change => change.Object.Metadata.Name == "bad" ? throw new InvalidOperationException("boom") : [new EntityKey("default", "a")]), watches: 2);
        await Memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("bad", ""));
        await Memory.ChangeAsync(Pods, DefaultPods, "ADDED", Pod("good", ""));

        Assert.Equal("default/a", await Scripted.NextAsync());
    }
}
