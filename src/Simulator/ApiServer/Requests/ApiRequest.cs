using GpuStack.Simulator.ApiServer.Access;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GpuStack.Simulator.ApiServer.Requests;

/// <summary>A request for a resource, with the options that its query carries.</summary>
internal sealed class ApiRequest(HttpContext http, ApiResource resource, ResourcePath path)
{
    public HttpContext Http { get; } = http;

    public ApiResource Resource { get; } = resource;

    public string? Namespace { get; } = path.Namespace;

    public string? Name { get; } = path.Name;

    public string? Subresource { get; } = path.Subresource;

    public IReadOnlyList<MediaType> Accept { get; } = MediaType.ParseList(http.Request.Headers.Accept);

    /// <summary>What its sender may do.</summary>
    public RequestAccess Access => Http.Features.GetRequiredFeature<RequestAccess>();

    public CancellationToken Aborted => Http.RequestAborted;

    public bool DryRun => Query("dryRun") switch
    {
        null or "" => false,
        "All" => true,
        var other => throw ApiException.BadRequest($"Invalid value: \"{other}\": dryRun supports only All"),
    };

    public bool Force => Flag("force");

    public string FieldValidation => Query("fieldValidation") switch
    {
        null or "" => "Warn",
        var directive and ("Strict" or "Warn" or "Ignore") => directive,
        var other => throw ApiException.BadRequest($"fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
    };

    /// <summary>Who writes: the query's field manager, else the program that the User-Agent names.</summary>
    public string FieldManager => Query("fieldManager") is { Length: > 0 } named ? named : UserAgentProgram();

    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    public bool Flag(string name) => Query(name) is "true" or "1";

    public long? Number(string name)
    {
        if (Query(name) is not { Length: > 0 } text)
            return null;
        return long.TryParse(text, out var number)
            ? number
            : throw ApiException.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax (query parameter {name})");
    }

    private string UserAgentProgram()
    {
        var agent = Http.Request.Headers.UserAgent.ToString();
        var slash = agent.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? agent[..slash] : agent.Length > 0 ? agent : "unknown";
    }
}
