using System.Net;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>The API server refused a request, or ended a watch with an error.</summary>
public sealed class KubernetesException : Exception
{
    /// <summary>An answer with a Status body.</summary>
    public KubernetesException(V1Status status, Exception? innerException = null)
        : base(Describe(status), innerException)
    {
        // As JSON may have it; nobody who looks for a cause expects it.
        status.Details?.Causes?.RemoveAll(cause => cause is null);
        Status = status;
    }

    /// <summary>The server's own words.</summary>
    public V1Status Status { get; }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode Code => (HttpStatusCode)(Status.Code ?? 0);

    /// <summary>The object does not exist.</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>A stale resourceVersion, a failed precondition or a field of another manager; not AlreadyExists.</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict && Status.Reason != "AlreadyExists";

    /// <summary>A create met an object of that name.</summary>
    public bool IsAlreadyExists => Code == HttpStatusCode.Conflict && Status.Reason == "AlreadyExists";

    /// <summary>The resourceVersion or continue token is too old: list anew.</summary>
    public bool IsExpired => Code == HttpStatusCode.Gone || Status.Reason is "Expired" or "Gone";

    /// <summary>The resourceVersion is newer than what the server knows: it was restored, or lags behind another.</summary>
    public bool IsVersionTooLarge =>
        Status.Details?.Causes?.Exists(cause => cause.Reason == "ResourceVersionTooLarge") == true
        || Status.Message?.Contains("Too large resource version", StringComparison.Ordinal) == true;

    /// <summary>The object breaks the schema or a validation rule.</summary>
    public bool IsInvalid => Code == HttpStatusCode.UnprocessableEntity;

    /// <summary>The server is overloaded and asks to come later.</summary>
    public bool IsTooManyRequests => Code == HttpStatusCode.TooManyRequests;

    /// <summary>How long the server asks to wait; null when it does not say.</summary>
    public TimeSpan? RetryAfter => Status.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null;

    private static string Describe(V1Status status) =>
        string.IsNullOrEmpty(status.Message) ? $"The API server answered {status.Code} {status.Reason}." : status.Message;
}
