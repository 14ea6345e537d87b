using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Patching;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Writing;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>POST, PUT, PATCH and DELETE of objects and their status.</summary>
internal sealed class WriteHandler(ObjectWriter writer, ObjectDeleter deleter, ReadHandler reader)
{
    public const string JsonPatchType = "application/json-patch+json";
    public const string MergePatchType = "application/merge-patch+json";
    public const string StrategicPatchType = "application/strategic-merge-patch+json";
    public const string ApplyPatchType = "application/apply-patch+yaml";

    public async Task CreateAsync(ApiRequest request)
    {
        var body = await RequestBody.ReadObjectAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        await WriteAsync(request, await writer.CreateAsync(request, body).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public async Task ReplaceAsync(ApiRequest request)
    {
        var body = await RequestBody.ReadObjectAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        await WriteAsync(request, await writer.UpdateAsync(request, _ => (JsonObject)body.DeepClone()).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public async Task PatchAsync(ApiRequest request)
    {
        var type = MediaType.Parse(request.Http.Request.ContentType ?? "").Name;
        var strategic = request.Resource.Rules.TakesStrategicMerge;
        if (type is not (JsonPatchType or MergePatchType or ApplyPatchType) && !(strategic && type == StrategicPatchType))
        {
            throw strategic
                ? ApiException.UnsupportedMediaType(JsonPatchType, MergePatchType, StrategicPatchType, ApplyPatchType)
                : ApiException.UnsupportedMediaType(JsonPatchType, MergePatchType, ApplyPatchType);
        }

        var patch = RequestBody.Parse(await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false));
        var writing = type == ApplyPatchType
            ? writer.ApplyAsync(request, patch as JsonObject ?? throw ApiException.BadRequest("error decoding YAML: the applied configuration is not an object"))
            : writer.UpdateAsync(request, live => Patched(request, live, patch, type));
        await WriteAsync(request, await writing.ConfigureAwait(false)).ConfigureAwait(false);
    }

    public async Task DeleteAsync(ApiRequest request)
    {
        var options = await OptionsAsync(request).ConfigureAwait(false);
        await Answer.WriteAsync(request.Http, await deleter.DeleteAsync(request, options).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public async Task DeleteCollectionAsync(ApiRequest request)
    {
        var options = await OptionsAsync(request).ConfigureAwait(false);
        var page = reader.Page(request);
        var deleted = new List<StoredObject>(request.DryRun ? page.Items : []);
        foreach (var item in request.DryRun ? [] : page.Items)
        {
            if (await deleter.DeleteListedAsync(request, item, options).ConfigureAwait(false))
                deleted.Add(item);
        }

        await Answer.WriteAsync(request.Http, new JsonObject
        {
            ["kind"] = request.Resource.ListKind,
            ["apiVersion"] = request.Resource.GroupVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = $"{page.ResourceVersion}" },
            ["items"] = new JsonArray([.. deleted.Select(item => ServedObject.Body(request.Resource, item).DeepClone())]),
        }).ConfigureAwait(false);
    }

    private static JsonObject Patched(ApiRequest request, JsonObject live, JsonNode? patch, string type)
    {
        switch (type)
        {
            case JsonPatchType:
                return JsonPatch.Apply(live, patch as JsonArray ?? throw ApiException.BadRequest("error decoding patch: a JSON patch is a list"));
            case StrategicPatchType:
                StrategicMergePatch.Apply(live, AsObject(patch), request.Resource.Shape);
                return live;
            default:
                MergePatch.Apply(live, AsObject(patch));
                return live;
        }
    }

    private static JsonObject AsObject(JsonNode? patch) =>
        patch as JsonObject ?? throw ApiException.BadRequest("error decoding patch: a merge patch is an object");

    private static async Task<JsonObject?> OptionsAsync(ApiRequest request)
    {
        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        return body.Length == 0 ? null : RequestBody.ParseObject(body, request.Http.Request.ContentType);
    }

    private Task WriteAsync(ApiRequest request, WriteResult result)
    {
        Answer.Warn(request.Http, result.Warnings);
        var status = result.Created ? 201 : 200;
        if (result.Stored is { } stored)
            return reader.WriteObjectAsync(request, Negotiation.Choose(request.Accept), stored, status);
        return Answer.WriteAsync(request.Http, result.Body!, status);
    }
}
