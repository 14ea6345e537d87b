using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Events;

/// <summary>Records core v1 events of simulated components; a repeated one counts up, as client-go's recorder does.</summary>
internal sealed class ClusterEvents(ClusterStore store, string component)
{
    public void Normal(StoredObject subject, string reason, string message) => Record("Normal", subject, reason, message);

    public void Warning(StoredObject subject, string reason, string message) => Record("Warning", subject, reason, message);

    private void Record(string type, StoredObject subject, string reason, string message)
    {
        var time = store.Time.GetUtcNow();
        var now = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var @namespace = subject.Namespace ?? "default";
        // The name tells what makes two events one, so no cache is needed to find the first.
        var name = $"{subject.Name}.{StableHash.Of($"{subject.Uid}/{component}/{type}/{reason}/{message}"):x16}";
        try
        {
            var counted = store.Modify(BuiltInResources.Events, @namespace, name, e =>
            {
                e["count"] = (e["count"].AsLong() ?? 1) + 1;
                e["lastTimestamp"] = now;
            });
            if (counted is null)
                store.Create(BuiltInResources.Events, New(type, subject, reason, message, @namespace, name, now));
        }
        catch (StoreException)
        {
            // Events are best effort: the namespace may be going away.
        }
    }

    private JsonObject New(string type, StoredObject subject, string reason, string message, string @namespace, string name, string now)
    {
        var involved = new JsonObject
        {
            ["kind"] = subject.Definition.Kind,
            ["name"] = subject.Name,
            ["uid"] = subject.Uid,
            ["apiVersion"] = subject.Definition.ApiVersion,
            ["resourceVersion"] = subject.Metadata["resourceVersion"].AsText(),
        };
        if (subject.Namespace is not null)
            involved["namespace"] = subject.Namespace;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
            ["involvedObject"] = involved,
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = component },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
            ["type"] = type,
            ["eventTime"] = null,
            ["reportingComponent"] = component,
            ["reportingInstance"] = "",
        };
    }
}
