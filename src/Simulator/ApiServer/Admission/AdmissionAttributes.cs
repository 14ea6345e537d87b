using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>What is about to be done, as webhooks are asked about it.</summary>
/// <param name="Request">The request that asks for it.</param>
/// <param name="Operation">CREATE, UPDATE, DELETE or CONNECT.</param>
/// <param name="Object">What would be stored, or the body of an action; null for a deletion.</param>
/// <param name="OldObject">What is stored; null for a creation.</param>
internal sealed record AdmissionAttributes(ApiRequest Request, string Operation, JsonObject? Object, JsonObject? OldObject)
{
    public const string Create = "CREATE";
    public const string Update = "UPDATE";
    public const string Delete = "DELETE";

    public ApiResource Resource => Request.Resource;

    /// <summary>The object's name: a creation's path has none.</summary>
    public string Name => Request.Name ?? Object?["metadata"]?["name"].AsText() ?? "";

    /// <summary>The kind of <see cref="Object"/>: a subresource may have its own.</summary>
    public (string Group, string Version, string Kind) Kind => Request.Subresource switch
    {
        null or "status" => (Resource.Group, Resource.Version, Resource.Kind),
        "scale" => ("autoscaling", "v1", "Scale"),
        var action => Resource.Actions.FirstOrDefault(one => one.Name == action) is { Kind: { } kind } found
            ? (found.Group, found.Version, kind)
            : (Resource.Group, Resource.Version, Resource.Kind),
    };

    /// <summary>The labels of the new and of the old object.</summary>
    public IEnumerable<IReadOnlyDictionary<string, string>> Labels =>
        new[] { Object, OldObject }.OfType<JsonObject>().Select(LabelsOf);

    public static IReadOnlyDictionary<string, string> LabelsOf(JsonObject body) =>
        (body["metadata"]?["labels"] as JsonObject ?? []).ToDictionary(label => label.Key, label => label.Value.AsText() ?? "", StringComparer.Ordinal);
}
