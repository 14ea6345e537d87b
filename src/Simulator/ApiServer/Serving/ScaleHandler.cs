using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Patching;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Selectors;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Writing;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>The scale subresource: replicas of whatever has them, as one kind.</summary>
internal sealed class ScaleHandler(ClusterStore store, ObjectWriter writer)
{
    public Task GetAsync(ApiRequest request)
    {
        var found = store.Get(request.Resource.Definition.Key, request.Namespace, request.Name!)
            ?? throw ApiException.NotFound(request.Resource.Key, request.Name!);
        return Answer.WriteAsync(request.Http, Scale(ServedObject.Body(request.Resource, found), request.Resource.Scale!));
    }

    public async Task WriteAsync(ApiRequest request, bool patch)
    {
        var paths = request.Resource.Scale!;
        var body = RequestBody.Parse(await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false));
        var type = MediaType.Parse(request.Http.Request.ContentType ?? "application/json").Name;
        var result = await writer.UpdateAsync(request, live =>
        {
            var scale = Scale(live, paths);
            var wanted = !patch ? body as JsonObject : type switch
            {
                WriteHandler.MergePatchType or WriteHandler.StrategicPatchType when body is JsonObject merge => Merged(scale, merge),
                WriteHandler.JsonPatchType when body is JsonArray operations => JsonPatch.Apply(scale, operations),
                WriteHandler.ApplyPatchType => throw ApiException.NotSimulated("server-side apply on the scale subresource"),
                _ => throw ApiException.UnsupportedMediaType(WriteHandler.JsonPatchType, WriteHandler.MergePatchType),
            };
            return Scaled(request, live, wanted ?? [], paths);
        }, shown: body => Scale(body, paths)).ConfigureAwait(false);
        var written = result.Stored is { } stored ? ServedObject.Body(request.Resource, stored) : result.Body!;
        await Answer.WriteAsync(request.Http, Scale(written, paths)).ConfigureAwait(false);
    }

    private static JsonObject Scaled(ApiRequest request, JsonObject live, JsonObject wanted, ScalePaths paths)
    {
        var replicas = Replicas(wanted);
        if (replicas < 0)
        {
            throw ApiException.Invalid(
                new ResourceKey("autoscaling", "Scale"), request.Name!,
                [FieldProblem.Invalid("spec.replicas", $"{replicas}", "must be greater than or equal to 0")]);
        }

        if (wanted["metadata"]?["resourceVersion"].AsText() is { Length: > 0 } version)
            live["metadata"]!["resourceVersion"] = version;
        var owner = live;
        foreach (var step in paths.SpecReplicas[..^1])
        {
            if (owner[step] is not JsonObject below)
                owner[step] = below = [];
            owner = below;
        }

        owner[paths.SpecReplicas[^1]] = replicas;
        return live;
    }

    /// <summary>The wanted number; a missing one is 0, as Go reads it.</summary>
    private static long Replicas(JsonObject wanted)
    {
        if (wanted["spec"] is not { } spec)
            return 0;
        if (spec is not JsonObject fields)
            throw Unreadable("Scale.spec", "v1.ScaleSpec");
        if (wanted["metadata"] is not (null or JsonObject))
            throw Unreadable("Scale.metadata", "v1.ObjectMeta");
        if (fields["replicas"] is not { } given)
            return 0;
        return given.AsLong() is >= int.MinValue and <= int.MaxValue and var replicas ? replicas : throw Unreadable("ScaleSpec.spec.replicas", "int32");
    }

    private static ApiException Unreadable(string field, string type) => ApiException.BadRequest(
        $"Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal the value into Go struct field {field} of type {type}");

    private static JsonObject Merged(JsonObject scale, JsonObject patch)
    {
        MergePatch.Apply(scale, patch);
        return scale;
    }

    private static JsonObject Scale(JsonObject body, ScalePaths paths)
    {
        var metadata = new JsonObject();
        foreach (var field in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (body["metadata"]?[field] is { } value)
                metadata[field] = value.DeepClone();
        }

        var status = new JsonObject { ["replicas"] = At(body, paths.StatusReplicas).AsLong() ?? 0 };
        var selector = paths.Selector is null ? null : At(body, paths.Selector);
        if ((selector is JsonObject labels ? LabelSelector.FromObject(labels).ToString() : selector.AsText()) is { Length: > 0 } text)
            status["selector"] = text;
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = At(body, paths.SpecReplicas).AsLong() is { } replicas ? new JsonObject { ["replicas"] = replicas } : [],
            ["status"] = status,
        };
    }

    private static JsonNode? At(JsonObject body, string[] path)
    {
        JsonNode? node = body;
        foreach (var step in path)
            node = (node as JsonObject)?[step];
        return node;
    }
}
