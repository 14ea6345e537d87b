using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Controllers;

/// <summary>Everything this project logs. Event ids are stable: 10xx start and end, 11xx deployments, 12xx plans, 13xx admission, 14xx telemetry.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1001, LogLevel.Information, "Operator {Version} starts; namespace {Namespace}, Hugging Face at {HuggingFace}")]
    public static partial void Starting(ILogger logger, string version, string @namespace, Uri huggingFace);

    [LoggerMessage(1002, LogLevel.Information, "Caches are filled; reconciling")]
    public static partial void Synced(ILogger logger);

    [LoggerMessage(1003, LogLevel.Information, "Operator stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(1101, LogLevel.Information, "{Deployment}: {Type} is {Status}, {Reason}: {Message}")]
    public static partial void ConditionChanged(ILogger logger, string deployment, string type, string status, string reason, string message);

    [LoggerMessage(1102, LogLevel.Information, "{Deployment}: applied {Count} objects: {Objects}")]
    public static partial void Applied(ILogger logger, string deployment, int count, string objects);

    [LoggerMessage(1103, LogLevel.Information, "{Deployment}: deletes pod {Pod}: {Why}")]
    public static partial void PodDeleted(ILogger logger, string deployment, string pod, string why);

    [LoggerMessage(1104, LogLevel.Warning, "{Deployment}: the API server refused: {Message}")]
    public static partial void Refused(ILogger logger, string deployment, string message);

    [LoggerMessage(1105, LogLevel.Warning, "{Deployment}: {Note}")]
    public static partial void NcclFallback(ILogger logger, string deployment, string note);

    [LoggerMessage(1201, LogLevel.Information, "{Deployment}: group {Group} is planned on {Nodes} ({Hash})")]
    public static partial void GroupPlanned(ILogger logger, string deployment, int group, string nodes, string hash);

    [LoggerMessage(1202, LogLevel.Information, "Took over {Count} plans of an earlier run")]
    public static partial void PlansRestored(ILogger logger, int count);

    [LoggerMessage(1203, LogLevel.Warning, "The plan in ConfigMap {Name} cannot be read and is ignored: {Message}")]
    public static partial void PlanUnreadable(ILogger logger, string name, string message);

    [LoggerMessage(1301, LogLevel.Information, "The certificate in the Secret {Secret} is renewed: {Reason}")]
    public static partial void WebhookCertificateRenewed(ILogger logger, string secret, string reason);

    [LoggerMessage(1302, LogLevel.Warning, "The Secret {Secret} is replaced: {Reason}")]
    public static partial void WebhookSecretReplaced(ILogger logger, string secret, string reason);

    [LoggerMessage(1303, LogLevel.Information, "The ValidatingWebhookConfiguration {Configuration} trusts {Count} authorities now")]
    public static partial void WebhookAuthoritiesWritten(ILogger logger, string configuration, int count);

    [LoggerMessage(1304, LogLevel.Warning, "The API server does not trust this webhook: {Problem}")]
    public static partial void WebhookNotTrusted(ILogger logger, string problem);

    [LoggerMessage(1305, LogLevel.Error, "A ModelDeployment could not be judged and passes")]
    public static partial void ReviewFailed(ILogger logger, Exception exception);

    [LoggerMessage(1401, LogLevel.Warning, "Metrics and traces may be missing at the collector {Collector}: {Problem} ({More} more since the last such line)")]
    public static partial void ExportFailed(ILogger logger, string collector, string problem, int more);
}
