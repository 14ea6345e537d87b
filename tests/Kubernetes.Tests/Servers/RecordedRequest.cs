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
    public bool IsWatch => Query.ContainsKey("watch");

    public bool IsList => Method == "GET" && !IsWatch;

    public JsonNode Json => JsonNode.Parse(Body)!;
}
