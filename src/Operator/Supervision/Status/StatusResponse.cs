using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Operator.Supervision.Status;

/// <summary>The answer to <c>/status</c>.</summary>
internal static class StatusResponse
{
    public static async Task WriteAsync(HttpContext context, StatusDocument document)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        var body = JsonSerializer.SerializeToUtf8Bytes(document, StatusJsonContext.Default.StatusDocument);
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
