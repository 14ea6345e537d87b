using System.Buffers;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>Writes answers.</summary>
internal static class Answer
{
    public const string Json = "application/json";

    public static Task WriteAsync(HttpContext http, JsonNode body, int status = StatusCodes.Status200OK) =>
        WriteAsync(http, JsonText.ToUtf8(body), status);

    public static Task WriteAsync(HttpContext http, ReadOnlySpan<byte> body, int status = StatusCodes.Status200OK, string contentType = Json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        http.Response.BodyWriter.Write(body);
        return http.Response.BodyWriter.FlushAsync(http.RequestAborted).AsTask();
    }

    public static Task WriteAsync(HttpContext http, ApiException refusal)
    {
        if (refusal.Details?["retryAfterSeconds"].AsLong() is { } seconds)
            http.Response.Headers.RetryAfter = $"{seconds}";
        return WriteAsync(http, refusal.ToStatus(), refusal.Code);
    }

    public static void Warn(HttpContext http, IReadOnlyList<string> warnings)
    {
        // As a real server, which drops what no header can hold.
        foreach (var warning in warnings.Where(warning => !warning.Any(char.IsControl)))
        {
            var escaped = warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            http.Response.Headers.Append("Warning", $"299 - \"{escaped}\"");
        }
    }
}
