using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Logging;

/// <summary>
/// Everything this project logs. Event ids are stable: 1xx informers, 2xx controllers, 3xx election, 4xx events, 5xx the client, 6xx
/// hosting.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Debug, "Listed {Count} {Resource} at version {Version}")]
    public static partial void InformerListed(ILogger logger, string resource, int count, string? version);

    [LoggerMessage(102, LogLevel.Warning, "Following {Resource} failed, again in {Seconds:0.0} s: {Reason}")]
    public static partial void InformerFailed(ILogger logger, string resource, string reason, double seconds);

    [LoggerMessage(103, LogLevel.Error, "A handler failed on {Resource} {Key}")]
    public static partial void HandlerFailed(ILogger logger, Exception error, string resource, EntityKey key);

    [LoggerMessage(104, LogLevel.Warning, "Passed over one of the {Resource} that the server sent: {Flaw}")]
    public static partial void ObjectSkipped(ILogger logger, string resource, string flaw);

    [LoggerMessage(105, LogLevel.Debug, "The server does not stream {Resource}, they are listed: {Reason}")]
    public static partial void StreamingRefused(ILogger logger, string resource, string reason);

    [LoggerMessage(106, LogLevel.Error, "An index of {Resource} failed on {Key}; it does not find that object")]
    public static partial void IndexFailed(ILogger logger, Exception error, string resource, EntityKey key);

    [LoggerMessage(201, LogLevel.Information, "Controller of {Resource} started with {Workers} workers")]
    public static partial void ControllerStarted(ILogger logger, string resource, int workers);

    [LoggerMessage(202, LogLevel.Error, "Reconciling {Resource} {Key} threw; retry {Retries}")]
    public static partial void ReconcileThrew(ILogger logger, Exception error, string resource, EntityKey key, int retries);

    [LoggerMessage(203, LogLevel.Warning, "Reconciling {Resource} {Key} failed, retry {Retries}: {Reason}")]
    public static partial void ReconcileFailed(ILogger logger, string resource, EntityKey key, int retries, string? reason, Exception? error);

    [LoggerMessage(204, LogLevel.Debug, "Reconciled {Resource} {Key} in {Milliseconds:0.0} ms")]
    public static partial void Reconciled(ILogger logger, string resource, EntityKey key, double milliseconds);

    [LoggerMessage(205, LogLevel.Debug, "Reconciling {Resource} {Key} met a newer version; again")]
    public static partial void ReconcileConflict(ILogger logger, string resource, EntityKey key);

    [LoggerMessage(206, LogLevel.Error, "Mapping a change of {Resource} {Key} failed")]
    public static partial void MappingFailed(ILogger logger, Exception error, string resource, EntityKey key);

    [LoggerMessage(207, LogLevel.Error, "Reconciling {Resource} {Key} failed for good; it waits for a change: {Reason}")]
    public static partial void ReconcileGivenUp(ILogger logger, string resource, EntityKey key, string? reason, Exception? error);

    [LoggerMessage(301, LogLevel.Information, "{Identity} holds the lease {Lease}")]
    public static partial void LeaseAcquired(ILogger logger, string identity, string lease);

    [LoggerMessage(302, LogLevel.Information, "{Holder} holds the lease {Lease}; waiting")]
    public static partial void LeaseHeldByOther(ILogger logger, string? holder, string lease);

    [LoggerMessage(303, LogLevel.Warning, "The lease {Lease} could not be read or written: {Reason}")]
    public static partial void LeaseFailed(ILogger logger, string lease, string reason);

    [LoggerMessage(304, LogLevel.Error, "{Identity} lost the lease {Lease}")]
    public static partial void LeaseLost(ILogger logger, string identity, string lease);

    [LoggerMessage(305, LogLevel.Information, "{Identity} released the lease {Lease}")]
    public static partial void LeaseReleased(ILogger logger, string identity, string lease);

    [LoggerMessage(306, LogLevel.Warning, "The API server did not answer within {Seconds:0.0} s about the lease {Lease}")]
    public static partial void LeaseUnanswered(ILogger logger, string lease, double seconds);

    [LoggerMessage(401, LogLevel.Warning, "The event {Reason} about {Kind} {Key} was not written: {Error}")]
    public static partial void EventFailed(ILogger logger, string? reason, string? kind, EntityKey key, string error);

    [LoggerMessage(402, LogLevel.Warning, "Too many events wait; dropped {Reason} about {Kind} {Key}")]
    public static partial void EventDropped(ILogger logger, string? reason, string? kind, EntityKey key);

    [LoggerMessage(403, LogLevel.Warning, "{Count} more events were dropped")]
    public static partial void EventsDropped(ILogger logger, int count);

    [LoggerMessage(404, LogLevel.Debug, "Writing an event failed {Tries} times, trying again: {Error}")]
    public static partial void EventDelayed(ILogger logger, int tries, string error);

    [LoggerMessage(601, LogLevel.Information, "{What} listens on port {Port}")]
    public static partial void Listening(ILogger logger, string what, int port);

    [LoggerMessage(602, LogLevel.Debug, "A check of /{Endpoint} fails: {Reason}")]
    public static partial void CheckFailed(ILogger logger, string endpoint, string reason);

    [LoggerMessage(603, LogLevel.Error, "Answering {Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(604, LogLevel.Information, "Serves the certificate of {Subject}, which holds until {NotAfter:u}")]
    public static partial void CertificateLoaded(ILogger logger, string subject, DateTimeOffset notAfter);

    [LoggerMessage(605, LogLevel.Warning, "{Problem} The certificate in use stays")]
    public static partial void CertificateKept(ILogger logger, string problem);

    [LoggerMessage(608, LogLevel.Warning, "Whoever scrapes /metrics is turned away, for the API server cannot be asked who it is; does the operator have the role metrics-auth? {Reason}")]
    public static partial void ScraperNotJudged(ILogger logger, string reason);

    [LoggerMessage(609, LogLevel.Warning, "Answering {Method} {Path} took longer than {Seconds:0.0} s and was given up")]
    public static partial void RequestTooSlow(ILogger logger, string method, string path, double seconds);

    [LoggerMessage(606, LogLevel.Error, "{What} still runs after {Seconds:0.0} s of stopping; not waiting any longer")]
    public static partial void StillRunning(ILogger logger, string what, double seconds);

    [LoggerMessage(607, LogLevel.Error, "Stopping {What} failed")]
    public static partial void StopFailed(ILogger logger, Exception error, string what);

    [LoggerMessage(501, LogLevel.Warning, "{Method} {Path} was answered {Code}, again in {Seconds:0.0} s")]
    public static partial void RequestRetried(ILogger logger, string method, string path, int code, double seconds);

    [LoggerMessage(502, LogLevel.Warning, "The credentials could not be read anew, the old ones serve on: {Reason}")]
    public static partial void CredentialRenewalFailed(ILogger logger, string reason);

    [LoggerMessage(503, LogLevel.Warning, "The certificate {File} could not be read anew, the old one serves on: {Reason}")]
    public static partial void CertificateRenewalFailed(ILogger logger, string? file, string reason);
}
