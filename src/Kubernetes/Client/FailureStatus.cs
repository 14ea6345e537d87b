using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>Makes a Status of any failed answer: proxies and some handlers answer with plain text or nothing.</summary>
internal static class FailureStatus
{
    private const int MaxBytes = 1024 * 1024;

    public static async Task<V1Status> ReadAsync(HttpResponseMessage response, JsonTypeInfo<V1Status> info, CancellationToken cancellationToken)
    {
        var status = await ParseAsync(response, info, cancellationToken).ConfigureAwait(false);
        status.Code ??= (int)response.StatusCode;
        status.Message ??= $"The API server answered {(int)response.StatusCode} {response.ReasonPhrase}.";
        if (response.Headers.RetryAfter?.Delta is { } delay)
        {
            status.Details ??= new V1StatusDetails();
            status.Details.RetryAfterSeconds ??= (int)Math.Ceiling(delay.TotalSeconds);
        }

        return status;
    }

    private static async Task<V1Status> ParseAsync(HttpResponseMessage response, JsonTypeInfo<V1Status> info, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json" || response.Content.Headers.ContentLength > MaxBytes) return new V1Status();
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var status = await JsonSerializer.DeserializeAsync(stream, info, cancellationToken).ConfigureAwait(false);
            return status is { Kind: "Status" } ? status : new V1Status();
        }
        catch (JsonException)
        {
            return new V1Status();
        }
    }
}
