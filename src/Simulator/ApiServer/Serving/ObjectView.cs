using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Writing;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>Objects as tables and as bare metadata.</summary>
internal static class ObjectView
{
    public static JsonObject PartialMetadata(StoredObject stored) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = stored.Metadata.DeepClone(),
    };

    /// <summary>A table.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="items">Its rows.</param>
    /// <param name="metadata">Of the list.</param>
    /// <param name="include">What each row carries: Metadata (default), Object or None.</param>
    /// <param name="withColumns">Whether it defines its columns: in a watch only the first one does.</param>
    /// <param name="now">The time that ages end at.</param>
    public static JsonObject Table(
        ApiResource resource, IEnumerable<StoredObject> items, JsonObject metadata, string? include, bool withColumns, DateTimeOffset now) => new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = withColumns ? resource.Table.Definitions() : [],
            ["rows"] = new JsonArray([.. items.Select(item => Row(resource, item, include, now))]),
        };

    private static JsonObject Row(ApiResource resource, StoredObject item, string? include, DateTimeOffset now)
    {
        var body = ServedObject.Body(resource, item);
        var row = new JsonObject { ["cells"] = resource.Table.Cells(body, now) };
        switch (include)
        {
            case "None":
                break;
            case "Object":
                row["object"] = body.DeepClone();
                break;
            default:
                row["object"] = PartialMetadata(item);
                break;
        }

        return row;
    }
}
