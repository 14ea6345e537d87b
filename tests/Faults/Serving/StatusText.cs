using System.Text;
using System.Text.Json;

namespace GpuStack.Faults.Serving;

/// <summary>Statuses and pages as servers and proxies word them.</summary>
internal static class StatusText
{
    public static readonly byte[] Html = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"u8.ToArray();

    public static byte[] Expired(long asked, long oldest) => Of(410, "Expired", $"too old resource version: {asked} ({oldest})");

    public static byte[] ExpiredContinue() => Of(
        410, "Expired", "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.");

    public static byte[] TooLarge(long asked, long current) => Of(
        504,
        "Timeout",
        $"Timeout: Too large resource version: {asked}, current: {current}",
        """{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1}""");

    public static byte[] Internal() => Of(500, "InternalError", "Internal error occurred: etcdserver: request timed out", """{"causes":[{"message":"etcdserver: request timed out"}]}""");

    public static byte[] Unavailable() => Of(503, "ServiceUnavailable", "apiserver is shutting down");

    public static byte[] NoStreaming() => Of(
        422,
        "Invalid",
        "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
        """{"group":"meta.k8s.io","kind":"ListOptions","causes":[{"reason":"FieldValueForbidden","message":"Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled","field":"sendInitialEvents"}]}""");

    public static byte[] UnsupportedStreaming() => Of(
        500, "InternalError", "a watch stream was requested by the client but the required storage feature RequestWatchProgress is disabled");

    public static byte[] NotFound(string resource, string name) => Of(
        404, "NotFound", $"{resource} \"{name}\" not found", $$"""{"name":"{{name}}","kind":"{{resource}}"}""");

    public static byte[] BadRequest(string message) => Of(400, "BadRequest", message);

    private static byte[] Of(int code, string reason, string message, string? details = null)
    {
        var rest = details is null ? "" : $",\"details\":{details}";
        return Encoding.UTF8.GetBytes(
            $$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{{JsonEncodedText.Encode(message)}}}","reason":"{{{reason}}}"{{{rest}}},"code":{{{code}}}}""");
    }
}
