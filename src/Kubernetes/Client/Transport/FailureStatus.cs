using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>Makes a Status of any failed answer: proxies and some handlers answer with plain text or nothing.</summary>
internal static class FailureStatus
{
    /// <summary>Longest body that is read: the server repeats at most an object's fields.</summary>
    internal const int MaxBytes = 256 * 1024;

    /// <summary>Longest message that is handed on.</summary>
    internal const int MaxMessage = 8192;

    private const int MaxReason = 100;

    public static async Task<V1Status> ReadAsync(HttpResponseMessage response, JsonTypeInfo<V1Status> info, TimeProvider time, CancellationToken cancellationToken)
    {
        var status = await ParseAsync(response, info, cancellationToken).ConfigureAwait(false);
        status.Code ??= (int)response.StatusCode;
        Bounded(status).Message ??=
            $"The API server answered {(int)response.StatusCode} {Cut(response.ReasonPhrase ?? response.StatusCode.ToString(), MaxReason)}.";
        if (RetryAfter.Of(response, time) is { } delay)
        {
            status.Details ??= new V1StatusDetails();
            status.Details.RetryAfterSeconds ??= (int)Math.Ceiling(Math.Min(delay.TotalSeconds, int.MaxValue));
        }

        return status;
    }

    /// <summary>The status, its message cut.</summary>
    public static V1Status Bounded(V1Status status)
    {
        if (status.Message is { } message) status.Message = Cut(message, MaxMessage);
        return status;
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : $"{text[..length]}…";

    private static async Task<V1Status> ParseAsync(HttpResponseMessage response, JsonTypeInfo<V1Status> info, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json" || response.Content.Headers.ContentLength > MaxBytes) return new V1Status();
        try
        {
            using var body = new MemoryStream();
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var buffer = new byte[8192];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (body.Length + read > MaxBytes) return new V1Status();
                body.Write(buffer, 0, read);
            }

            var status = JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), info);
            return status is { Kind: "Status" } ? status : new V1Status();
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // The code alone is enough to go on with.
            return new V1Status();
        }
    }
}
