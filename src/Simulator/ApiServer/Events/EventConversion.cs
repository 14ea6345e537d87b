using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;

namespace GpuStack.Simulator.ApiServer.Events;

/// <summary>Events are kept in the shape of core v1; this shows them as events.k8s.io/v1 and takes them back.</summary>
internal sealed class EventConversion : IShapeConversion
{
    private static readonly (string Stored, string Served)[] Renamed =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
    ];

    public JsonObject ToServed(JsonObject stored)
    {
        foreach (var (from, to) in Renamed)
            Rename(stored, from, to);
        stored["apiVersion"] = "events.k8s.io/v1";
        return stored;
    }

    public JsonObject ToStored(JsonObject served)
    {
        foreach (var (to, from) in Renamed)
            Rename(served, from, to);
        served["apiVersion"] = "v1";
        return served;
    }

    private static void Rename(JsonObject body, string from, string to)
    {
        if (!body.Remove(from, out var value))
            return;
        body[to] = value;
    }
}
