using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Disruption;

/// <summary>Computes the status of a PodDisruptionBudget.</summary>
internal static class BudgetStatus
{
    /// <summary>How many pods must be healthy of those expected.</summary>
    public static long Desired(JsonNode? spec, long expected)
    {
        if (spec?["maxUnavailable"] is { } most)
            return Math.Max(0, expected - Share(most, expected));
        return spec?["minAvailable"] is { } least ? Share(least, expected) : Math.Min(1, expected);
    }

    /// <summary>An absolute number, or a percentage rounded up.</summary>
    private static long Share(JsonNode amount, long total)
    {
        if (amount.AsLong() is { } number)
            return number;
        return amount.AsText() is { } text && text.EndsWith('%') && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
            ? ((total * percent) + 99) / 100 : 0;
    }

    public static void Write(JsonObject budget, long expected, long healthy, JsonObject disrupted, string now)
    {
        if (budget["status"] is not JsonObject status)
            budget["status"] = status = [];
        var generation = budget["metadata"]!["generation"].AsLong() ?? 1;
        var desired = Desired(budget["spec"], expected);
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        Set(status, "observedGeneration", generation);
        Set(status, "disruptionsAllowed", allowed);
        Set(status, "currentHealthy", healthy);
        Set(status, "desiredHealthy", desired);
        Set(status, "expectedPods", expected);
        status.Remove("disruptedPods");
        if (disrupted.Count > 0)
            status["disruptedPods"] = disrupted;
        SetCondition(status, allowed > 0, generation, now);
    }

    public static void SetCondition(JsonObject status, bool isAllowed, long generation, string now)
    {
        if (status["conditions"] is not JsonArray { Count: 1 } conditions || conditions[0] is not JsonObject condition)
        {
            condition = new JsonObject { ["type"] = "DisruptionAllowed" };
            status["conditions"] = new JsonArray(condition);
        }
        var value = isAllowed ? "True" : "False";
        if (condition["status"].AsText() != value)
            condition["lastTransitionTime"] = now;
        condition["status"] = value;
        condition["reason"] = isAllowed ? "SufficientPods" : "InsufficientPods";
        condition["message"] = "";
        condition["observedGeneration"] = generation;
    }

    private static void Set(JsonObject status, string field, long value)
    {
        if (status[field].AsLong() != value)
            status[field] = value;
    }
}
