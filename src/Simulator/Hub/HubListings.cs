using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.Hub;

/// <summary>
/// The files of a repository as lists: Hugging Face's tree in pages that a Link header joins, ModelScope's in one answer. Access was
/// checked before.
/// </summary>
internal static class HubListings
{
    private const int PageSize = 1000;

    /// <summary>One page of <c>/api/models/{repo}/tree/{revision}</c>, from the entry on that the query's cursor names.</summary>
    public static Task TreeAsync(HttpContext context, IReadOnlyList<HubFile> files)
    {
        var request = context.Request;
        _ = int.TryParse(request.Query["cursor"], NumberStyles.None, CultureInfo.InvariantCulture, out var start);
        if (start + PageSize < files.Count)
        {
            context.Response.Headers.Link =
                $"<{request.Scheme}://{request.Host}{request.Path}?recursive=true&cursor={start + PageSize}>; rel=\"next\"";
        }
        return WriteAsync(context, new JsonArray([.. files.Skip(start).Take(PageSize).Select(file => new JsonObject
        {
            ["type"] = "file",
            ["oid"] = file.ETag,
            ["size"] = file.SizeBytes,
            ["path"] = file.File,
        })]));
    }

    /// <summary>The answer of <c>/api/v1/models/{repo}/repo/files</c>; a revision that is not known has no files and is no error.</summary>
    public static Task ModelScopeAsync(HttpContext context, IReadOnlyList<HubFile> files) => WriteAsync(context, new JsonObject
    {
        ["Code"] = 200,
        ["Success"] = true,
        ["Data"] = new JsonObject
        {
            ["Files"] = files.Count == 0 ? null : new JsonArray([.. files.Select(file => new JsonObject
            {
                ["Type"] = "blob",
                ["Path"] = file.File,
                ["Name"] = file.File[(file.File.LastIndexOf('/') + 1)..],
                ["Size"] = file.SizeBytes,
                ["Sha256"] = file.ETag,
                ["Revision"] = file.Commit,
            })]),
            ["LatestCommitter"] = files.Count == 0 ? null : new JsonObject { ["Id"] = "", ["ShortId"] = files[0].Commit[..Math.Min(8, files[0].Commit.Length)] },
        },
    });

    private static Task WriteAsync(HttpContext context, JsonNode json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json.ToJsonString(), context.RequestAborted);
    }
}
