using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Operator.Admission.Certificates;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Admission;

/// <summary>Puts the webhook into the host: it serves in every replica, whoever leads.</summary>
internal static class AdmissionServer
{
    /// <summary>Less than the time that the configuration gives the webhook, so that a slow answer is ours to explain.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(4);

    public static void AddTo(
        ControllerHost host, IKubernetesClient client, WebhookSettings settings, AdmissionKnowledge knowledge, TimeProvider time, ILoggerFactory loggerFactory)
    {
        var logger = loggerFactory.CreateLogger("GpuStack.Operator.Admission");
        var options = Options(settings);
        if (settings.CertificateDirectory is null)
        {
            var serving = new GivenCertificate(time, logger);
            options = options with { Certificate = serving };
            host.AddService("webhook-certificate", new CertificateKeeper(client, settings, serving, time, logger).RunAsync, needsLeadership: false);
        }
        // The host disposes of it.
#pragma warning disable CA2000
        var server = new WebhookServer(options, time, loggerFactory);
#pragma warning restore CA2000
        server.Map(WebhookSettings.Path, new AdmissionEndpoint(knowledge, logger).HandleAsync);
        host.UseWebhooks(server);
        if (settings.Listening is { } listening)
        {
            host.AddService(
                "webhook-port",
                _ =>
                {
                    listening(server.Port!.Value);
                    return Task.CompletedTask;
                },
                needsLeadership: false);
        }
    }

    /// <summary>How the webhook is served; without a folder of certificates a certificate is still to be given.</summary>
    internal static WebhookServerOptions Options(WebhookSettings settings)
    {
        var options = new WebhookServerOptions { Port = settings.Port, Address = settings.Address, RequestTimeout = AnswerTime, MaxRequestBytes = AdmissionEndpoint.LargestReview };
        return settings.CertificateDirectory is { } directory
            ? options with { CertificateFile = Path.Combine(directory, "tls.crt"), KeyFile = Path.Combine(directory, "tls.key") }
            : options;
    }
}
