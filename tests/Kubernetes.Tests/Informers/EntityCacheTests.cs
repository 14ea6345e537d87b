using FsCheck;
using FsCheck.Fluent;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Kubernetes.Tests.Informers;

public class EntityCacheTests
{
    private static readonly string[] Nodes = ["n0", "n1", "n2"];

    [Fact]
    public void Point12_Indexes_AgreeWithASearch_AfterAnyChanges() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, 9999).ListOf().ToArbitrary(),
        steps =>
        {
            var store = new InformerStore<V1Pod>(null, NullLogger.Instance);
            store.Cache.AddIndex("node", Indexers.ByNode);
            store.Cache.AddIndex("labels", pod => pod.Metadata.Labels!.Values);
            var model = new Dictionary<string, V1Pod>();
            var version = 0;
            foreach (var step in steps) Change(store, model, step, ++version);

            store.Cache.AddIndex("late", Indexers.ByLabel("x"));
            return model.Count == store.Cache.Count
                && Nodes.All(node => Same(store.Cache.ListByIndex("node", node), model.Values.Where(pod => pod.Spec!.NodeName == node)))
                && Nodes.All(value => Same(store.Cache.ListByIndex("labels", value), model.Values.Where(pod => pod.Metadata.Labels!.ContainsValue(value))))
                && Nodes.All(value => Same(store.Cache.ListByIndex("late", value), model.Values.Where(pod => pod.Metadata.Labels!["x"] == value)));
        }));

    [Fact]
    public void Point12_AnIndexWithoutObjects_HasNoEntries_EvenWhenTheObjectsWereTamperedWith()
    {
        var index = new EntityIndex<V1Pod>(pod => [pod.Spec!.NodeName!, "all"]);
        var pod = Pod("a", 1, "n0", "n1");
        index.Set(EntityKey.Of(pod), index.ValuesOf(pod));
        Assert.Equal(2, index.ValueCount);
        pod.Spec!.NodeName = "elsewhere";
        index.Remove(EntityKey.Of(pod));

        Assert.Equal(0, index.ValueCount);
    }

    [Fact]
    public void ListByIndex_AllocatesItsResultAlone()
    {
        var cache = new EntityCache<V1Pod>(NullLogger.Instance);
        cache.AddIndex("node", Indexers.ByNode);
        for (var i = 0; i < 1000; i++) cache.Set(new EntityKey("default", $"pod-{i}"), Pod($"pod-{i}", i, "n0", "n1"));
        _ = cache.ListByIndex("node", "n0");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = cache.ListByIndex("node", "n0");
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(1000, found.Count);
        Assert.InRange(allocated, 8 * 1000, 8 * 1000 + 128);
    }

    [Fact]
    public void ReadyMadeIndexers_SayWhatTheyAreNamedFor()
    {
        var pod = Pod("a", 1, "n0", "n1");
        pod.Metadata.OwnerReferences = [new V1OwnerReference { Uid = "other" }, new V1OwnerReference { Uid = "owner", Controller = true }];

        Assert.Equal(["default"], Indexers.ByNamespace(pod));
        Assert.Equal(["n0"], Indexers.ByNode(pod));
        Assert.Equal(["owner"], Indexers.ByController(pod));
        Assert.Equal(["n1"], Indexers.ByLabel("x")(pod));
        var bare = new V1Pod();
        Assert.Empty(Indexers.ByNamespace(bare).Concat(Indexers.ByNode(bare)).Concat(Indexers.ByController(bare)).Concat(Indexers.ByLabel("x")(bare)));
    }

    private static void Change(InformerStore<V1Pod> store, Dictionary<string, V1Pod> model, int step, int version)
    {
        var pod = Pod($"pod-{step % 7}", version, Nodes[step / 7 % 3], Nodes[step / 21 % 3], step / 63 % 5 == 0 ? "second" : "first");
        var name = pod.Metadata.Name!;
        switch (step % 11)
        {
            case 0:
                store.Replace(null, [pod], TestContext.Current.CancellationToken);
                model.Clear();
                model[name] = pod;
                break;
            case 1 or 2 or 3:
                store.Apply(WatchEventType.Deleted, pod);
                model.Remove(name);
                break;
            default:
                store.Apply(WatchEventType.Modified, pod);
                model[name] = pod;
                break;
        }
    }

    private static V1Pod Pod(string name, int version, string node, string label, string uid = "first") => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            Namespace = "default",
            Uid = uid,
            ResourceVersion = $"{version}",
            Labels = new Dictionary<string, string> { ["x"] = label, ["y"] = "n1" },
        },
        Spec = new V1PodSpec { NodeName = node },
    };

    private static bool Same(IReadOnlyList<V1Pod> found, IEnumerable<V1Pod> expected) =>
        found.Select(pod => pod.Metadata.Name).Order().SequenceEqual(expected.Select(pod => pod.Metadata.Name).Order())
        && found.Distinct().Count() == found.Count;
}
