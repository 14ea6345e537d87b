using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Deployments;

/// <summary>What the controller needs of a Deployment.</summary>
internal sealed class DeploymentView(StoredObject deployment)
{
    public const string HashLabel = "pod-template-hash";
    public const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    /// <summary>Kubernetes' default of <c>spec.revisionHistoryLimit</c>.</summary>
    private const int DefaultHistory = 10;

    public StoredObject Deployment => deployment;
    public string Hash { get; } = TemplateHash.Of(deployment);
    public JsonObject Spec { get; } = deployment.Body["spec"] as JsonObject ?? [];
    public int Replicas => (int)(deployment.Content.At("spec", "replicas").AsLong() ?? 1);
    public int History => (int)(deployment.Content.At("spec", "revisionHistoryLimit").AsLong() ?? DefaultHistory);
    public bool IsRecreate => deployment.Content.At("spec", "strategy", "type").Is("Recreate");
    public bool IsPaused => deployment.Content.At("spec", "paused").ValueKind == JsonValueKind.True;
    public TimeSpan ProgressDeadline => TimeSpan.FromSeconds(deployment.Content.At("spec", "progressDeadlineSeconds").AsLong() ?? 600);
    public int MaxSurge => IsRecreate ? 0 : Amount("maxSurge", roundsUp: true);
    public int MaxUnavailable => IsRecreate ? 0 : Math.Min(Replicas, Amount("maxUnavailable", roundsUp: false));
    public string SetName => $"{deployment.Name}-{Hash}";

    /// <summary>Whether a ReplicaSet has the present template; the order of fields means nothing.</summary>
    public bool IsOf(StoredObject set)
    {
        var template = set.ToMutable()["spec"]?["template"];
        (template?["metadata"]?["labels"] as JsonObject)?.Remove(HashLabel);
        return JsonNode.DeepEquals(template, Spec["template"]);
    }

    /// <summary>The ReplicaSet of the present template.</summary>
    public JsonObject NewSet(int replicas, long revision)
    {
        var template = Spec["template"]?.DeepClone() as JsonObject ?? [];
        if (template["metadata"] is not JsonObject metadata)
            template["metadata"] = metadata = [];
        if (metadata["labels"] is not JsonObject labels)
            metadata["labels"] = labels = [];
        labels[HashLabel] = Hash;
        var selector = Spec["selector"]?.DeepClone() as JsonObject ?? [];
        if (selector["matchLabels"] is not JsonObject matched)
            selector["matchLabels"] = matched = [];
        matched[HashLabel] = Hash;
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = SetName,
                ["namespace"] = deployment.Namespace,
                ["labels"] = labels.DeepClone(),
                ["annotations"] = new JsonObject { [RevisionAnnotation] = revision.ToString() },
                ["ownerReferences"] = new JsonArray(OwnerReferences.To(deployment)),
            },
            ["spec"] = new JsonObject { ["replicas"] = (long)replicas, ["selector"] = selector, ["template"] = template },
            ["status"] = new JsonObject { ["replicas"] = 0L },
        };
    }

    private int Amount(string field, bool roundsUp)
    {
        var given = deployment.Content.At("spec", "strategy", "rollingUpdate", field);
        return Rollout.Amount(given.AsText() ?? given.AsLong()?.ToString() ?? "25%", Replicas, roundsUp);
    }
}
