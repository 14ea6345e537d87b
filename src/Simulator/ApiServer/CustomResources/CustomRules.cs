using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas;
using GpuStack.Simulator.ApiServer.BuiltIn;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Types;

namespace GpuStack.Simulator.ApiServer.CustomResources;

/// <summary>The rules of a custom resource: its structural schema, and its status kept apart.</summary>
internal sealed class CustomRules(StructuralSchema? schema, string kind, string version, bool hasStatus, ScalePaths? scale) : ResourceRules
{
    private const string NoField = "<nil>";

    public override bool TakesStrategicMerge => false;

    public override IReadOnlyList<string> Decode(JsonObject body)
    {
        var unknown = new List<string>();
        if (body["metadata"] is JsonObject metadata)
            unknown.AddRange(TypedDecoder.Decode(metadata, TypeLibrary.All["ObjectMeta"], kind, version).Select(path => $"metadata.{path}"));
        if (schema is null)
            return unknown;
        unknown.AddRange(schema.FindUnknownFields(body).Select(field => field.Path));
        if (unknown.Count > 0)
            schema.Prune(body);
        return unknown;
    }

    public override IReadOnlyList<string> FindUnknown(JsonObject body)
    {
        var unknown = new List<string>();
        if (body["metadata"] is JsonObject metadata)
            unknown.AddRange(UnknownFields.Find(metadata, TypeLibrary.All["ObjectMeta"]).Select(path => $"metadata.{path}"));
        if (schema is not null)
            unknown.AddRange(schema.FindUnknownFields(body).Select(field => field.Path));
        return unknown;
    }

    public override void ApplyDefaults(JsonObject body) => schema?.ApplyDefaults(body);

    public override void PrepareCreate(JsonObject body)
    {
        if (!hasStatus)
            return;
        body.Remove("status");
        // A server puts them into whatever it reads from its storage, what it has just written as well.
        ApplyDefaults(body);
    }

    public override void Validate(JsonObject body, JsonObject? old, string? subresource, List<FieldProblem> problems)
    {
        if (schema is null)
            return;
        foreach (var error in schema.Validate(body, old))
            problems.Add(new FieldProblem(error.Path, error.Reason.ToString(), error.Message));
        if (scale is null || ScaleValues.Check(body, scale) is not { } wrong)
            return;
        // That the rules were not checked is said last.
        var last = problems.FindLastIndex(problem => problem.Field == NoField);
        problems.Insert(last < 0 ? problems.Count : last, wrong);
    }
}
