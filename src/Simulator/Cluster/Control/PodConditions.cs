using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>Writes conditions of pods and nodes; the transition time moves only with the status.</summary>
internal static class PodConditions
{
    public static void Set(JsonObject body, string type, string status, string? reason, string? message, string now)
    {
        if (body["status"] is not JsonObject all)
            body["status"] = all = [];
        if (all["conditions"] is not JsonArray conditions)
            all["conditions"] = conditions = [];
        var condition = conditions.OfType<JsonObject>().FirstOrDefault(c => c["type"].AsText() == type);
        if (condition is null)
        {
            condition = new JsonObject { ["type"] = type, ["lastProbeTime"] = null };
            conditions.Add((JsonNode)condition);
        }
        if (condition["status"].AsText() != status)
        {
            condition["status"] = status;
            condition["lastTransitionTime"] = now;
        }
        SetText(condition, "reason", reason);
        SetText(condition, "message", message);
    }

    private static void SetText(JsonObject condition, string field, string? text)
    {
        if (text is null)
            condition.Remove(field);
        else if (condition[field].AsText() != text)
            condition[field] = text;
    }
}
