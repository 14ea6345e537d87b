using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Tests.Servers;

internal sealed record RecordedRequest(
    string Method,
    string Path,
    IReadOnlyDictionary<string, string> Query,
    string? ContentType,
    string Body,
    IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Its subject; null when the client showed none.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>Such as HTTP/2.</summary>
    public string Protocol { get; init; } = "";

    /// <summary>The same for requests of one connection.</summary>
    public string Connection { get; init; } = "";

    public bool IsWatch => Query.ContainsKey("watch");

    public bool IsList => Method == "GET" && !IsWatch;

    public JsonNode Json => JsonNode.Parse(Body)!;
}
