using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Deployments;

/// <summary>How far a Deployment is, in pods.</summary>
/// <param name="Wanted">Asked for.</param>
/// <param name="Total">There are, of every template.</param>
/// <param name="Updated">Of the present template.</param>
/// <param name="Ready">Ready.</param>
/// <param name="Available">Available.</param>
/// <param name="MaxUnavailable">How many of those asked for may be missing.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RolloutCounts(int Wanted, int Total, int Updated, int Ready, int Available, int MaxUnavailable)
{
    public bool IsComplete => Updated == Wanted && Total == Wanted && Available == Wanted;
}

/// <summary>The status of a Deployment, in the words that <c>kubectl rollout status</c>, helm and kstatus read.</summary>
internal static class DeploymentStatus
{
    /// <param name="deployment">Its status is written.</param>
    /// <param name="generation">That of the spec which was looked at; the present one may be later.</param>
    /// <param name="counts">The pods.</param>
    /// <param name="set">The ReplicaSet of the present template.</param>
    /// <param name="failure">Why a ReplicaSet could not make a pod, as it says itself; null when it could.</param>
    /// <param name="deadline">How long a rollout may stand still.</param>
    /// <param name="now">The time.</param>
    /// <returns>When it has to be looked at again, because the deadline of the rollout ends then; null when it is over.</returns>
    public static DateTimeOffset? Write(
        JsonObject deployment, long generation, RolloutCounts counts, string? set, JsonObject? failure, TimeSpan deadline, DateTimeOffset now)
    {
        var before = deployment["status"] as JsonObject ?? [];
        var known = (before["conditions"] as JsonArray)?.OfType<JsonObject>().ToDictionary(condition => condition["type"].AsText() ?? "", StringComparer.Ordinal) ?? [];
        var status = new JsonObject { ["observedGeneration"] = generation };
        foreach (var (field, count) in new[]
        {
            ("replicas", counts.Total), ("updatedReplicas", counts.Updated), ("readyReplicas", counts.Ready), ("availableReplicas", counts.Available),
            ("unavailableReplicas", Math.Max(0, Math.Max(counts.Total, counts.Wanted) - counts.Available)),
        })
        {
            if (count > 0)
                status[field] = (long)count;
        }

        var isAvailable = counts.Available >= counts.Wanted - counts.MaxUnavailable;
        var available = isAvailable
            ? Condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
            : Condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        var conditions = new JsonArray(Keep(available, known.GetValueOrDefault("Available"), madeProgress: false, now));
        DateTimeOffset? due = null;
        if (set is not null)
        {
            var last = known.GetValueOrDefault("Progressing");
            var progressed = last is null || Progress(before) != Progress(status) || !(last["message"].AsText() ?? "").Contains($"\"{set}\"", StringComparison.Ordinal);
            var since = !progressed && DateTimeOffset.TryParse(last!["lastUpdateTime"].AsText(), CultureInfo.InvariantCulture, out var time) ? time : now;
            JsonObject progressing;
            if (counts.IsComplete)
                progressing = Condition("Progressing", "True", "NewReplicaSetAvailable", $"ReplicaSet \"{set}\" has successfully progressed.");
            else if (now - since >= deadline)
                progressing = Condition("Progressing", "False", "ProgressDeadlineExceeded", $"ReplicaSet \"{set}\" has timed out progressing.");
            else
            {
                progressing = Condition("Progressing", "True", "ReplicaSetUpdated", $"ReplicaSet \"{set}\" is progressing.");
                due = since + deadline;
            }

            conditions.Add((JsonNode)Keep(progressing, last, progressed, now));
        }

        if (failure is not null)
        {
            var told = Condition(ReplicaSetController.FailureCondition, "True", failure["reason"].AsText() ?? "", failure["message"].AsText() ?? "");
            conditions.Add((JsonNode)Keep(told, known.GetValueOrDefault(ReplicaSetController.FailureCondition), madeProgress: false, now));
        }

        status["conditions"] = conditions;
        deployment["status"] = status;
        return due;
    }

    private static (long?, long?, long?) Progress(JsonObject status) =>
        (status["updatedReplicas"].AsLong(), status["availableReplicas"].AsLong(), status["replicas"].AsLong());

    private static JsonObject Condition(string type, string status, string reason, string message) =>
        new() { ["type"] = type, ["status"] = status, ["reason"] = reason, ["message"] = message };

    /// <summary>Times of a condition that says the same as before stay; otherwise a write would follow every write.</summary>
    private static JsonObject Keep(JsonObject condition, JsonObject? last, bool madeProgress, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var isSame = last is not null && !madeProgress && last["reason"].AsText() == condition["reason"].AsText();
        var isSameStatus = last is not null && last["status"].AsText() == condition["status"].AsText();
        condition["lastUpdateTime"] = isSame ? last!["lastUpdateTime"]?.DeepClone() : time;
        condition["lastTransitionTime"] = isSameStatus ? last!["lastTransitionTime"]?.DeepClone() : time;
        return condition;
    }
}
