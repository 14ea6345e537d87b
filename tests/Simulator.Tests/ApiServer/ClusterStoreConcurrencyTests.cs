using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.ApiServer;

/// <summary>Versions are written into texts that are there already: each must tell its own, whoever writes at the same time.</summary>
public sealed class ClusterStoreConcurrencyTests
{
    private const int Writers = 4;

    private const int Rounds = 300;

    private readonly ClusterStore _store = new(TimeProvider.System);

    [Fact]
    public async Task Every_version_of_every_object_tells_its_own_number_and_none_changes_afterwards()
    {
        using var watch = _store.Watch(BuiltInResources.Pods);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(writer), TestContext.Current.CancellationToken)));

        var seen = new List<StoreEvent>();
        while (watch.Events.TryRead(out var change))
            seen.Add(change);

        Assert.True(_store.ResourceVersion > 1000);
        Assert.Equal(seen.Select(change => change.Object.ResourceVersion).Order(), seen.Select(change => change.Object.ResourceVersion));
        var previous = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        foreach (var change in seen)
        {
            var (stored, text) = (change.Object, JsonNode.Parse(change.Object.Utf8)!.AsObject());
            Assert.Equal($"{stored.ResourceVersion}", text["metadata"]!["resourceVersion"].AsText());
            Assert.Equal($"{stored.ResourceVersion}", stored.Metadata["resourceVersion"].AsText());
            Assert.Equal("1", text["metadata"]!["labels"]!["resourceVersion"].AsText());
            Assert.True(JsonNode.DeepEquals(text, stored.Body));
            if (change.Previous is { } before)
            {
                Assert.Same(previous[stored.Uid], before);
                // The last version of a deleted object is that before.
                var changes = JsonNode.DeepEquals(before.Body["spec"], stored.Body["spec"]) ? 0 : 1;
                Assert.Equal(changes, stored.Metadata["generation"].AsLong() - before.Metadata["generation"].AsLong());
            }
            previous[stored.Uid] = stored;
        }
    }

    private void Write(int writer)
    {
        for (var round = 0; round < Rounds; round++)
        {
            // All write one object, and each has one of its own for a while.
            var own = $"own-{writer}-{round}";
            _store.Create(BuiltInResources.Pods, Pod(own));
            if (round == 0)
                TryCreate("shared");
            _store.Modify(BuiltInResources.Pods, "default", "shared", pod => pod["spec"]!["round"] = $"{writer}/{round}");
            _store.ModifyStatus(BuiltInResources.Pods, "default", "shared", pod => pod["status"] = new JsonObject { ["phase"] = $"{writer}/{round}", ["resourceVersion"] = "9" });
            _store.Modify(BuiltInResources.Pods, "default", "shared", pod => pod["metadata"]!["annotations"] = new JsonObject { ["round"] = $"{writer}\u003c/\"{round}" });
            _store.Delete(BuiltInResources.Pods, "default", own, new StoreDeleteOptions { GracePeriodSeconds = 0 });
        }
    }

    private void TryCreate(string name)
    {
        try
        {
            _store.Create(BuiltInResources.Pods, Pod(name));
        }
        catch (StoreException)
        {
            // Another writer was faster.
        }
    }

    private static JsonObject Pod(string name) => new()
    {
        ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["resourceVersion"] = "1" }, ["name"] = name, ["namespace"] = "default" },
        ["spec"] = new JsonObject { ["containers"] = new JsonArray() },
    };
}
