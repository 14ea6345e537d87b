using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.OpenApi;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Serving;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.OpenApi;

/// <summary>OpenAPI v3: an index with hashes, and a document a group version, made when it is first asked for.</summary>
internal sealed class OpenApiHandler(ResourceCatalog catalog)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (byte[] Bytes, string Hash)> _documents = new(StringComparer.Ordinal);
    private int _generation = -1;

    public Task IndexAsync(HttpContext http)
    {
        var paths = new JsonObject();
        foreach (var path in Paths())
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={Document(path)!.Value.Hash}" };
        return Answer.WriteAsync(http, new JsonObject { ["paths"] = paths });
    }

    public Task DocumentAsync(HttpContext http, string path)
    {
        if (Document(path) is not { } document)
            throw ApiException.NoSuchPath();
        http.Response.Headers.ETag = $"\"{document.Hash}\"";
        if (http.Request.Query["hash"] == document.Hash)
            http.Response.Headers.CacheControl = "public, immutable";
        return Answer.WriteAsync(http, document.Bytes);
    }

    private IEnumerable<string> Paths() => catalog.All
        .Select(PathOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static string PathOf(ApiResource resource) =>
        resource.Group.Length == 0 ? $"api/{resource.Version}" : $"apis/{resource.Group}/{resource.Version}";

    private (byte[] Bytes, string Hash)? Document(string path)
    {
        lock (_gate)
        {
            if (_generation != catalog.Generation)
            {
                _documents.Clear();
                _generation = catalog.Generation;
            }

            if (_documents.TryGetValue(path, out var known))
                return known;
            var resources = catalog.All.Where(resource => PathOf(resource) == path).ToList();
            if (resources.Count == 0)
                return null;
            var document = resources[0].IsCustom ? Custom(resources) : BuiltInOpenApi.Create(resources);
            var bytes = JsonText.ToUtf8(document);
            return _documents[path] = (bytes, Convert.ToHexString(SHA512.HashData(bytes)));
        }
    }

    private static JsonObject Custom(List<ApiResource> resources) => OpenApiDocument.Create([.. resources.Select(resource => (
        new CustomResourceKind(
            resource.Group, resource.Version, resource.Kind, resource.ListKind, resource.Plural, resource.Namespaced,
            resource.Definition.HasStatus, resource.Scale is not null),
        resource.Schema!))]);
}
