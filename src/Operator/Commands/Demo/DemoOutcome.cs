using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>How a demo ended.</summary>
/// <param name="Name">The deployment it was about in the end.</param>
/// <param name="Ready">Whether that became Ready.</param>
/// <param name="Problem">Why not.</param>
/// <param name="Elapsed">From its application to the end.</param>
/// <param name="Plan">The plan in force, or the refusal; null when it could not be known.</param>
/// <param name="Objects">What was created.</param>
/// <param name="Conditions">The deployment's conditions.</param>
/// <param name="Unsupported">Requests that the simulated API server could not answer.</param>
internal sealed record DemoOutcome(
    string Name, bool Ready, string? Problem, TimeSpan Elapsed, PlacementPlan? Plan,
    IReadOnlyList<CreatedObject> Objects, IReadOnlyList<V1Condition> Conditions, IReadOnlyList<string> Unsupported)
{
    public JsonObject ToJson(JsonNode? plan) => new()
    {
        ["ready"] = Ready,
        ["seconds"] = Math.Round(Elapsed.TotalSeconds, 3),
        ["plan"] = plan,
        ["objects"] = new JsonArray([.. Objects.Select(o => new JsonObject
        {
            ["kind"] = o.Kind,
            ["name"] = o.Name,
            ["createdSeconds"] = Math.Round(o.Created.TotalSeconds, 3),
        })]),
        ["conditions"] = new JsonArray([.. Conditions.Select(c => new JsonObject
        {
            ["type"] = c.Type,
            ["status"] = c.Status,
            ["reason"] = c.Reason,
            ["message"] = c.Message,
            ["observedGeneration"] = c.ObservedGeneration,
        })]),
    };
}
