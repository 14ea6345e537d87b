using System.Text;
using System.Text.Json;
using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.ApiServer.Discovery;
using GpuStack.Simulator.ApiServer.OpenApi;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Watching;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>Finds what serves a request, and turns every refusal into a Status.</summary>
internal sealed class Dispatcher(
    AccessGuard guard,
    ResourceCatalog catalog,
    DiscoveryDocuments discovery,
    OpenApiHandler openApi,
    ReadHandler reader,
    WriteHandler writer,
    ScaleHandler scale,
    ActionHandler actions,
    ReviewHandler reviews,
    WatchHandler watcher,
    AuditLog audit)
{
    private const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /// <summary>Subresources that exist on a real server, but need what a simulated node does not have.</summary>
    private static readonly string[] NodeBound = ["log", "exec", "attach", "portforward", "proxy", "ephemeralcontainers", "resize"];

    public async Task HandleAsync(HttpContext http)
    {
        string? message = null;
        try
        {
            http.Features.Set(guard.Admit(http));
            await RouteAsync(http).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; nobody is left to answer.
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            var refusal = failure switch
            {
                ApiException api => api,
                StoreException store => ApiException.From(store),
                JsonException broken => ApiException.BadRequest(broken.Message),
                BadHttpRequestException bad => ApiException.BadRequest(bad.Message),
                _ => ApiException.Internal(failure.Message),
            };
            message = refusal.Message;
            await Answer.WriteAsync(http, refusal).ConfigureAwait(false);
        }
        finally
        {
            audit.Add(new RequestRecord(
                http.Request.Method, http.Request.Path + http.Request.QueryString, http.Response.StatusCode, http.Request.Headers.UserAgent.ToString(), message));
        }
    }

    private Task RouteAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!.TrimEnd('/');
        switch (path)
        {
            case "/version":
                return Answer.WriteAsync(http, DiscoveryDocuments.Version());
            case "/healthz" or "/livez" or "/readyz":
                return Answer.WriteAsync(http, "ok"u8.ToArray(), 200, "text/plain; charset=utf-8");
            case "/api":
                return DiscoverAsync(http, core: true);
            case "/apis":
                return DiscoverAsync(http, core: false);
            case "/openapi/v3":
                return openApi.IndexAsync(http);
        }

        if (path.StartsWith("/openapi/v3/", StringComparison.Ordinal))
            return openApi.DocumentAsync(http, path["/openapi/v3/".Length..]);
        if (path.StartsWith("/openapi/", StringComparison.Ordinal))
            throw ApiException.NoSuchPath();
        if (path.Split('/') is ["", "api", var coreVersion])
            return ResourcesAsync(http, "", coreVersion);
        if (path.Split('/') is ["", "apis", var group])
            return Answer.WriteAsync(http, discovery.Group(group) ?? throw ApiException.NoSuchPath());
        if (path.Split('/') is ["", "apis", var name, var version])
            return ResourcesAsync(http, name, version);
        return ResourceAsync(http, ResourcePath.Parse(path) ?? throw ApiException.NoSuchPath());
    }

    private Task DiscoverAsync(HttpContext http, bool core)
    {
        var aggregated = MediaType.ParseList(http.Request.Headers.Accept)
            .Any(type => type.As == "APIGroupDiscoveryList" && type.Parameters.GetValueOrDefault("v") == "v2");
        if (!aggregated)
            return Answer.WriteAsync(http, core ? DiscoveryDocuments.CoreVersions(http.Request.Host.ToString()) : discovery.GroupList());
        return Answer.WriteAsync(
            http, Encoding.UTF8.GetBytes(discovery.Aggregated(core).ToJsonString(JsonText.Options)), 200, AggregatedType);
    }

    private Task ResourcesAsync(HttpContext http, string group, string version) =>
        Answer.WriteAsync(http, discovery.ResourceList(group, version) ?? throw ApiException.NoSuchPath());

    private Task ResourceAsync(HttpContext http, ResourcePath path)
    {
        var method = http.Request.Method;
        if (ReviewHandler.KindOf(path) is { } review)
        {
            return HttpMethods.IsPost(method)
                ? reviews.HandleAsync(http, path, review)
                : throw ApiException.MethodNotAllowed();
        }

        var resource = catalog.Find(path.Group, path.Version, path.Resource) ?? throw Unserved(path);
        // A webhook that is stored but never called would be a silent lie.
        if (resource.Definition.Key == BuiltInResources.MutatingWebhookConfigurations && method is ("POST" or "PUT" or "PATCH"))
            throw ApiException.NotSimulated("mutating admission webhooks");
        if (!resource.Namespaced && path.Namespace is not null)
            throw ApiException.NoSuchPath();
        var request = new ApiRequest(http, resource, path);
        if (path.Subresource is not null)
            return SubresourceAsync(request, path.Subresource, method);
        var isNamed = path.Name is not null;
        var hasScope = !resource.Namespaced || path.Namespace is not null;
        if (HttpMethods.IsGet(method))
        {
            if (request.Flag("watch"))
                return watcher.HandleAsync(request);
            return isNamed ? hasScope ? reader.GetAsync(request) : throw ApiException.NoSuchPath() : reader.ListAsync(request);
        }

        if (!hasScope)
            throw ApiException.MethodNotAllowed();
        return (method, isNamed) switch
        {
            ("POST", false) => writer.CreateAsync(request),
            ("PUT", true) => writer.ReplaceAsync(request),
            ("PATCH", true) => writer.PatchAsync(request),
            ("DELETE", true) => writer.DeleteAsync(request),
            ("DELETE", false) when resource.Verbs.Contains("deletecollection") => writer.DeleteCollectionAsync(request),
            _ => throw ApiException.MethodNotAllowed(),
        };
    }

    private static ApiException Unserved(ResourcePath path) => NotSimulatedResources.Contains(path.Group, path.Resource)
        ? ApiException.NotSimulated($"the resource {new ResourceKey(path.Group, path.Resource)}")
        : ApiException.NoSuchPath();

    private Task SubresourceAsync(ApiRequest request, string subresource, string method)
    {
        var resource = request.Resource;
        if (subresource == "status" && resource.Definition.HasStatus)
        {
            return method switch
            {
                "GET" => reader.GetAsync(request),
                "PUT" => writer.ReplaceAsync(request),
                "PATCH" => writer.PatchAsync(request),
                _ => throw ApiException.MethodNotAllowed(),
            };
        }

        if (subresource == "scale" && resource.Scale is not null)
        {
            return method switch
            {
                "GET" => scale.GetAsync(request),
                "PUT" or "PATCH" => scale.WriteAsync(request, patch: method == "PATCH"),
                _ => throw ApiException.MethodNotAllowed(),
            };
        }

        if (resource.Actions.Any(action => action.Name == subresource))
            return method == (subresource == "finalize" ? "PUT" : "POST") ? actions.HandleAsync(request) : throw ApiException.MethodNotAllowed();
        throw !resource.IsCustom && NodeBound.Contains(subresource.Split('/')[0])
            ? ApiException.NotSimulated($"the subresource \"{subresource}\" of {resource.Plural}")
            : ApiException.NoSuchPath();
    }
}
