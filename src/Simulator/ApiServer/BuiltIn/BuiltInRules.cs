using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Types;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>The rules of a built-in kind: its shape, and what its kind adds to it.</summary>
internal sealed class BuiltInRules(FieldShape shape, string kind, string version) : ResourceRules
{
    public delegate void Validator(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems);

    public Action<JsonObject>? Defaults { get; init; }

    public Action<JsonObject>? OnCreate { get; init; }

    public Action<JsonObject, JsonObject>? OnUpdate { get; init; }

    public Validator? Validation { get; init; }

    public override bool TakesStrategicMerge => true;

    public override IReadOnlyList<string> Decode(JsonObject body) => TypedDecoder.Decode(body, shape, kind, version);

    public override IReadOnlyList<string> FindUnknown(JsonObject body) => UnknownFields.Find(body, shape);

    public override void ApplyDefaults(JsonObject body) => Defaults?.Invoke(body);

    public override void PrepareCreate(JsonObject body) => OnCreate?.Invoke(body);

    public override void PrepareUpdate(JsonObject body, JsonObject old) => OnUpdate?.Invoke(body, old);

    public override void Validate(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        RequiredFields.Check(body, shape, problems);
        Validation?.Invoke(body, old, subresource, problems);
    }
}
