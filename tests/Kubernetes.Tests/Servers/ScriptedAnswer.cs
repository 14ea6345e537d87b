namespace GpuStack.Kubernetes.Tests.Servers;

/// <summary>One answer, shaped as API servers shape theirs.</summary>
internal sealed record ScriptedAnswer(int Status, string Body, string ContentType = "application/json")
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>What a server without the feature gate WatchList says to a watch with <c>sendInitialEvents</c>.</summary>
    public static ScriptedAnswer WithoutStreamingLists { get; } = new(422, """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled","reason":"Invalid","details":{"group":"meta.k8s.io","kind":"ListOptions","causes":[{"reason":"FieldValueForbidden","message":"Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled","field":"sendInitialEvents"}]},"code":422}""");

    public static ScriptedAnswer Ok(string body) => new(200, body);

    public static ScriptedAnswer NotFound(string name) => Failure(404, "NotFound", $"things \"{name}\" not found");

    public static ScriptedAnswer Conflict(string name) => Failure(
        409, "Conflict", $"Operation cannot be fulfilled on things \"{name}\": the object has been modified; please apply your changes to the latest version and try again");

    public static ScriptedAnswer Failure(int code, string reason, string message) => new(code, StatusBody(code, reason, message));

    public static string StatusBody(int code, string reason, string message) =>
        $$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":{{{System.Text.Json.JsonSerializer.Serialize(message)}}},"reason":"{{{reason}}}","code":{{{code}}}}""";

    public static ScriptedAnswer List(string kind, string apiVersion, string resourceVersion, string? next, params string[] items)
    {
        var more = next is null ? "" : $$""","continue":"{{next}}" """;
        return Ok($$$"""{"kind":"{{{kind}}}List","apiVersion":"{{{apiVersion}}}","metadata":{"resourceVersion":"{{{resourceVersion}}}"{{{more}}}},"items":[{{{string.Join(',', items)}}}]}""");
    }
}
