using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Validation;

namespace GpuStack.Simulator.ApiServer.Registry;

/// <summary>
/// How objects of a resource become acceptable: decoding, defaults, validation. Bodies are owned by the request and changed in
/// place.
/// </summary>
internal abstract class ResourceRules
{
    /// <summary>What <c>metadata.name</c> must look like.</summary>
    public NameRule Name { get; init; } = NameRule.Subdomain;

    /// <summary>Whether PATCH takes a strategic merge.</summary>
    public abstract bool TakesStrategicMerge { get; }

    /// <summary>The paths of unknown fields; the body stays as it is.</summary>
    public abstract IReadOnlyList<string> FindUnknown(JsonObject body);

    /// <summary>Removes unknown fields and returns their paths.</summary>
    /// <exception cref="ApiException">400: a value has another type than its field.</exception>
    public abstract IReadOnlyList<string> Decode(JsonObject body);

    /// <summary>Sets what the client left out.</summary>
    public abstract void ApplyDefaults(JsonObject body);

    /// <summary>What the server alone decides on a new object (such as an empty status).</summary>
    public virtual void PrepareCreate(JsonObject body)
    {
    }

    /// <summary>What the server alone decides on an update.</summary>
    public virtual void PrepareUpdate(JsonObject body, JsonObject old)
    {
    }

    /// <summary>Validates a new object (<paramref name="old"/> null) or a changed one.</summary>
    public abstract void Validate(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems);
}
