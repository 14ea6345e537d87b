using System.Net;
using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Fetching;

/// <summary>What the head of an answer says of its body.</summary>
/// <param name="Status">200, 206 or 416.</param>
/// <param name="From">Where the body begins in the file (Content-Range).</param>
/// <param name="Total">The file's size (Content-Range).</param>
/// <param name="Length">The body's size (Content-Length).</param>
/// <param name="EntityTag">The strong entity tag, in quotes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RangeAnswer(HttpStatusCode Status, long? From, long? Total, long? Length, string? EntityTag)
{
    public static RangeAnswer Of(HttpResponseMessage response) => new(
        response.StatusCode,
        response.Content.Headers.ContentRange is { Unit: "bytes" } range ? range.From : null,
        response.Content.Headers.ContentRange is { Unit: "bytes" } whole ? whole.Length : null,
        response.Content.Headers.ContentLength,
        response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : null);
}
