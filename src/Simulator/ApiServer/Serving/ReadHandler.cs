using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Listing;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Selectors;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Writing;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>GET of an object, and LIST.</summary>
internal sealed class ReadHandler(ClusterStore store)
{
    public Task GetAsync(ApiRequest request)
    {
        var resource = request.Resource;
        var form = Negotiation.Choose(request.Accept);
        var found = store.Get(resource.Definition.Key, request.Namespace, request.Name!) ?? throw ApiException.NotFound(resource.Key, request.Name!);
        return WriteObjectAsync(request, form, found);
    }

    /// <summary>Writes one stored object in a form.</summary>
    public Task WriteObjectAsync(ApiRequest request, Form form, StoredObject found, int status = 200) => form switch
    {
        Form.Metadata => Answer.WriteAsync(request.Http, ObjectView.PartialMetadata(found), status),
        Form.Table => Answer.WriteAsync(
            request.Http,
            ObjectView.Table(
                request.Resource, [found], new JsonObject { ["resourceVersion"] = $"{found.ResourceVersion}" }, request.Query("includeObject"),
                withColumns: true, store.Time.GetUtcNow()),
            status),
        _ => Answer.WriteAsync(request.Http, ServedObject.Utf8(request.Resource, found), status),
    };

    public Task ListAsync(ApiRequest request)
    {
        var form = Negotiation.Choose(request.Accept);
        CheckVersionMatch(request);
        var page = Page(request);
        switch (form)
        {
            case Form.Metadata:
                return Answer.WriteAsync(request.Http, new JsonObject
                {
                    ["kind"] = "PartialObjectMetadataList",
                    ["apiVersion"] = "meta.k8s.io/v1",
                    ["metadata"] = page.Metadata(),
                    ["items"] = new JsonArray([.. page.Items.Select(ObjectView.PartialMetadata)]),
                });
            case Form.Table:
                return Answer.WriteAsync(request.Http, ObjectView.Table(
                    request.Resource, page.Items, page.Metadata(), request.Query("includeObject"), withColumns: true, store.Time.GetUtcNow()));
            default:
                return WriteListAsync(request, page);
        }
    }

    /// <summary>The objects that the request's namespace and selectors choose.</summary>
    public ListPage Page(ApiRequest request)
    {
        var resource = request.Resource;
        var labels = LabelSelector.Parse(request.Query("labelSelector"));
        var fields = FieldSelector.Parse(request.Query("fieldSelector"), resource);
        var list = store.List(resource.Definition.Key, request.Namespace);
        var token = request.Query("continue") is { Length: > 0 } text ? ContinueToken.Decode(text) : null;
        var limit = request.Number("limit") is > 0 and var wanted ? wanted : long.MaxValue;
        var items = new List<StoredObject>();
        var remaining = 0L;
        foreach (var item in list.Items)
        {
            if (token is not null && string.CompareOrdinal(ContinueToken.KeyOf(item), token.After) <= 0)
                continue;
            if (!labels.Matches(item.Labels) || (!fields.IsEverything && !fields.Matches(ServedObject.Body(resource, item))))
                continue;
            if (items.Count < limit)
                items.Add(item);
            else
                remaining++;
        }

        var version = token?.ResourceVersion ?? list.ResourceVersion;
        var next = remaining > 0 ? ContinueToken.Encode(new ContinueToken(version, ContinueToken.KeyOf(items[^1]))) : "";
        return new ListPage(items, version, next, labels.IsEverything && fields.IsEverything ? remaining : 0);
    }

    /// <summary>Joins the stored bytes: a list of any length costs no serialization.</summary>
    private static async Task WriteListAsync(ApiRequest request, ListPage page)
    {
        var resource = request.Resource;
        var http = request.Http;
        http.Response.ContentType = Answer.Json;
        var writer = http.Response.BodyWriter;
        var head = $"{{\"kind\":\"{resource.ListKind}\",\"apiVersion\":\"{resource.GroupVersion}\",\"metadata\":{page.Metadata().ToJsonString()},\"items\":[";
        writer.Write(Encoding.UTF8.GetBytes(head));
        var pending = 0;
        for (var i = 0; i < page.Items.Count; i++)
        {
            if (i > 0)
                writer.Write(","u8);
            pending += ServedObject.WriteItem(writer, resource, page.Items[i]);
            if (pending < 64 * 1024)
                continue;
            await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            pending = 0;
        }

        writer.Write("]}"u8);
        await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    private static void CheckVersionMatch(ApiRequest request)
    {
        var match = request.Query("resourceVersionMatch");
        if (match is { Length: > 0 } and not ("Exact" or "NotOlderThan"))
            throw ApiException.BadRequest($"resourceVersionMatch: Unsupported value: \"{match}\": supported values: \"Exact\", \"NotOlderThan\"");
        if (match == "Exact" && request.Query("resourceVersion") is { Length: > 0 } version && version != "0")
            throw ApiException.NotSimulated("lists of a past resourceVersion (resourceVersionMatch=Exact)");
    }
}
