using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer;

public sealed class ClusterStoreTests
{
    private readonly ClusterStore _store = new(TimeProvider.System);

    [Fact]
    public void Create_ANewObject_GetsUidVersionAndGeneration()
    {
        var created = _store.Create(BuiltInResources.Pods, Pod("p"));

        Assert.Equal(36, created.Uid.Length);
        Assert.Equal(1, created.Metadata["generation"].AsLong());
        Assert.Equal(_store.ResourceVersion.ToString(), created.Metadata["resourceVersion"].AsText());
        Assert.Equal("Pod", created.Body["kind"].AsText());
    }

    [Fact]
    public void Create_InAMissingNamespace_IsRefused()
    {
        var refused = Assert.Throws<StoreException>(() => _store.Create(BuiltInResources.Pods, Pod("p", "nope")));

        Assert.Equal(StoreFailure.NamespaceNotFound, refused.Failure);
        Assert.Equal("namespaces \"nope\" not found", refused.Message);
    }

    [Fact]
    public void Update_WithoutAChange_KeepsTheVersion()
    {
        var created = _store.Create(BuiltInResources.Pods, Pod("p"));

        var same = _store.Update(BuiltInResources.Pods, JsonNode.Parse(created.Utf8)!.AsObject());

        Assert.Same(created, same);
    }

    [Fact]
    public void Update_OfAStaleVersion_Conflicts()
    {
        var created = _store.Create(BuiltInResources.Pods, Pod("p"));
        _store.Modify(BuiltInResources.Pods, "default", "p", pod => pod["spec"]!["nodeName"] = "n");

        var stale = created.ToMutable();
        stale["spec"]!["nodeName"] = "other";

        Assert.Equal(StoreFailure.Conflict, Assert.Throws<StoreException>(() => _store.Update(BuiltInResources.Pods, stale)).Failure);
    }

    [Fact]
    public void UpdateStatus_ChangesNeitherSpecNorGeneration()
    {
        var created = _store.Create(BuiltInResources.Pods, Pod("p"));
        var next = created.ToMutable();
        next["spec"]!["nodeName"] = "n";
        next["status"] = new JsonObject { ["phase"] = "Running" };

        var updated = _store.UpdateStatus(BuiltInResources.Pods, next);

        Assert.Equal("Running", updated.Body["status"]!["phase"].AsText());
        Assert.Null(updated.Body["spec"]!["nodeName"]);
        Assert.Equal(1, updated.Metadata["generation"].AsLong());
        var main = updated.ToMutable();
        main["spec"]!["nodeName"] = "n";
        main["status"] = new JsonObject { ["phase"] = "Failed" };
        var spec = _store.Update(BuiltInResources.Pods, main);
        Assert.Equal("Running", spec.Body["status"]!["phase"].AsText());
        Assert.Equal(2, spec.Metadata["generation"].AsLong());
    }

    [Fact]
    public void Delete_OfARunningPod_WaitsForTheKubelet()
    {
        _store.Create(BuiltInResources.Pods, Pod("p"));
        _store.Modify(BuiltInResources.Pods, "default", "p", pod => pod["spec"]!["nodeName"] = "n");

        var marked = _store.Delete(BuiltInResources.Pods, "default", "p");

        Assert.False(marked.Gone);
        Assert.Equal(30, marked.Object.Metadata["deletionGracePeriodSeconds"].AsLong());
        Assert.True(_store.Delete(BuiltInResources.Pods, "default", "p", new StoreDeleteOptions { GracePeriodSeconds = 0 }).Gone);
        Assert.Null(_store.Get(BuiltInResources.Pods, "default", "p"));
    }

    [Fact]
    public void Delete_OfAPodWithoutANode_IsImmediate()
    {
        _store.Create(BuiltInResources.Pods, Pod("p"));

        Assert.True(_store.Delete(BuiltInResources.Pods, "default", "p").Gone);
    }

    [Fact]
    public void Modify_TakingTheLastFinalizer_RemovesTheObject()
    {
        var pod = Pod("p");
        pod["metadata"]!["finalizers"] = new JsonArray("a/b");
        _store.Create(BuiltInResources.Pods, pod);
        Assert.False(_store.Delete(BuiltInResources.Pods, "default", "p").Gone);

        _store.Modify(BuiltInResources.Pods, "default", "p", body => body["metadata"]!.AsObject().Remove("finalizers"));

        Assert.Null(_store.Get(BuiltInResources.Pods, "default", "p"));
    }

    [Fact]
    public async Task Watch_FromAListsVersion_SeesEveryLaterChangeInOrder()
    {
        _store.Create(BuiltInResources.Pods, Pod("a"));
        var list = _store.List(BuiltInResources.Pods);
        _store.Create(BuiltInResources.Pods, Pod("b"));
        using var watch = _store.Watch(BuiltInResources.Pods, null, list.ResourceVersion);
        _store.Modify(BuiltInResources.Pods, "default", "b", pod => pod["spec"]!["nodeName"] = "n");
        _store.Delete(BuiltInResources.Pods, "default", "a");

        var seen = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var change = await watch.Events.ReadAsync(TestContext.Current.CancellationToken);
            seen.Add($"{change.Type} {change.Object.Name}");
        }

        Assert.Equal(["Added b", "Modified b", "Deleted a"], seen);
    }

    [Fact]
    public void Watch_FromBeforeACompaction_IsExpired()
    {
        _store.Create(BuiltInResources.Pods, Pod("a"));
        _store.Compact();

        Assert.Equal(StoreFailure.Expired, Assert.Throws<StoreException>(() => _store.Watch(BuiltInResources.Pods, null, 1)).Failure);
    }

    [Fact]
    public void Modify_InAnotherOrderOfFields_WritesNothing()
    {
        var pod = Pod("p");
        pod["spec"]!["nodeName"] = "n";
        var created = _store.Create(BuiltInResources.Pods, pod);

        var same = _store.Modify(BuiltInResources.Pods, "default", "p", next => next["spec"] = new JsonObject
        {
            ["nodeName"] = "n",
            ["containers"] = new JsonArray(),
        });

        Assert.Same(created, same);
    }

    [Fact]
    public void ToMutable_ChangedAnywhere_LeavesTheVersionAsItWas()
    {
        var created = _store.Create(BuiltInResources.Pods, Pod("p"));
        var text = created.Body.ToJsonString();

        var copy = created.ToMutable();
        copy["spec"]!["containers"]!.AsArray().Add("c");
        copy["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
        created.ToMutable().Remove("spec");

        Assert.Equal(text, created.Body.ToJsonString());
        Assert.Equal(text, created.ToMutable().ToJsonString());
        Assert.Equal(text, JsonNode.Parse(created.Utf8)!.ToJsonString());
    }

    [Fact]
    public void Create_NestedAsDeepAsOwnersOfFieldsMayBe_IsKept()
    {
        var pod = Pod("p");
        JsonNode inner = "x";
        for (var i = 0; i < 200; i++)
            inner = new JsonObject { ["f"] = inner };
        pod["spec"]!["deep"] = inner;

        var created = _store.Create(BuiltInResources.Pods, pod);

        Assert.True(JsonNode.DeepEquals(created.Body["spec"]!["deep"], inner));
    }

    private static JsonObject Pod(string name, string @namespace = "default") => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
        ["spec"] = new JsonObject { ["containers"] = new JsonArray() },
    };
}
