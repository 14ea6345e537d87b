using System.Text;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Controllers;
using GpuStack.Operator.Permissions;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Admission.Certificates;

/// <summary>
/// Keeps the certificate of the webhook: every replica looks at the Secret that they share, takes the step that is due
/// (<see cref="CertificateRotation"/>), serves with what is there, and writes the authorities into the webhook's configuration where they
/// differ. Who is slower takes what the faster one made. Nothing here ends the operator: a webhook without a certificate is passed over.
/// </summary>
[EntityRbac(typeof(V1Secret), Role = OperatorRoles.Webhook, Verbs = RbacVerb.Create)]
[EntityRbac(typeof(V1Secret), Role = OperatorRoles.Webhook, ResourceNames = [WebhookSettings.DefaultSecret], Verbs = RbacVerb.Get | RbacVerb.Update)]
[EntityRbac(
    typeof(V1ValidatingWebhookConfiguration),
    Role = OperatorRoles.WebhookConfiguration,
    ResourceNames = [WebhookSettings.DefaultConfiguration],
    Verbs = RbacVerb.Get | RbacVerb.Patch)]
internal sealed class CertificateKeeper(IKubernetesClient client, WebhookSettings settings, GivenCertificate serving, TimeProvider time, ILogger logger)
{
    /// <summary>How soon it is tried again while there is no certificate.</summary>
    private static readonly TimeSpan ShortInterval = TimeSpan.FromSeconds(5);

    private const string Manager = "gpustack-operator-webhook";
    private const int MostTries = 5;
    private const int LongestProblem = 500;

    private CertificateMaterial? _served;
    private string? _problem;

    /// <summary>Keeps it until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await LookAsync(cancellationToken);
                await Task.Delay(_served is null && ShortInterval < settings.CheckInterval ? ShortInterval : settings.CheckInterval, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    /// <summary>Looks once.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await AgreeAsync(cancellationToken) is not { } material)
                throw new TimeoutException($"the Secret {settings.Namespace}/{settings.Secret} changes faster than it can be read");
            Serve(material);
            Report(await InjectAsync(material, cancellationToken));
        }
#pragma warning disable CA1031 // Whatever somebody writes into the Secret or the configuration must not end the operator.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Report($"the certificate in the Secret {settings.Namespace}/{settings.Secret} cannot be kept: {exception.Message}");
        }
    }

    /// <summary>The material that all replicas use, renewed where that is due; null when it never stood still.</summary>
    private async Task<CertificateMaterial?> AgreeAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < MostTries; i++)
        {
            var secret = await client.GetAsync<V1Secret>(settings.Secret, settings.Namespace, cancellationToken);
            var material = secret is null ? null : CertificateSecret.Read(secret);
            if (CertificateRotation.Next(material, settings.DnsNames, time.GetUtcNow()) is not { } step)
                return material;
            // An empty one is a place that somebody keeps for it.
            if (secret is { Data.Count: > 0 } && material is null)
                LogMessages.WebhookSecretReplaced(logger, settings.Secret, "it is not one that the operator made");
            if (await TryWriteAsync(secret, step.Material, cancellationToken))
            {
                LogMessages.WebhookCertificateRenewed(logger, settings.Secret, step.Reason);
                return step.Material;
            }
        }
        return null;
    }

    /// <returns>False when another replica was faster.</returns>
    private async Task<bool> TryWriteAsync(V1Secret? present, CertificateMaterial material, CancellationToken cancellationToken)
    {
        try
        {
            if (present is null)
                await client.CreateAsync(CertificateSecret.New(settings.Secret, settings.Namespace, material), cancellationToken);
            else
                await client.ReplaceAsync(CertificateSecret.Filled(present, material), cancellationToken);
            return true;
        }
        catch (KubernetesException exception) when (exception.IsInvalid && present is not null)
        {
            throw new IOException($"it holds something else and cannot be changed, delete it: {exception.Message}", exception);
        }
        catch (KubernetesException exception) when (exception.IsConflict || exception.IsAlreadyExists || exception.IsNotFound)
        {
            return false;
        }
    }

    private void Serve(CertificateMaterial material)
    {
        if (_served?.Certificate == material.Certificate)
            return;
        serving.Use(material.Certificate, material.Key);
        _served = material;
    }

    /// <returns>What is wrong with the configuration; null when it trusts the authorities.</returns>
    private async Task<string?> InjectAsync(CertificateMaterial material, CancellationToken cancellationToken)
    {
        var configuration = await client.GetAsync<V1ValidatingWebhookConfiguration>(settings.Configuration, null, cancellationToken);
        if (configuration?.Webhooks?.Find(one => one.Name == WebhookSettings.WebhookName) is not { } webhook)
            return $"there is no ValidatingWebhookConfiguration {settings.Configuration} with the webhook {WebhookSettings.WebhookName}: nobody asks this webhook";
        var bundle = Encoding.ASCII.GetBytes(material.Bundle);
        if (webhook.ClientConfig?.CaBundle is { } present && present.AsSpan().SequenceEqual(bundle))
            return null;
        await client.ApplyAsync(
            new V1ValidatingWebhookConfiguration
            {
                ApiVersion = configuration.ApiVersion ?? "admissionregistration.k8s.io/v1",
                Kind = configuration.Kind ?? "ValidatingWebhookConfiguration",
                // Whoever recreated it meanwhile is asked anew.
                Metadata = new V1ObjectMeta { Name = settings.Configuration, Uid = configuration.Metadata.Uid },
                Webhooks = [new V1ValidatingWebhook { Name = WebhookSettings.WebhookName, ClientConfig = new V1WebhookClientConfig { CaBundle = bundle } }],
            },
            new ApplyOptions(Manager, force: true),
            cancellationToken);
        LogMessages.WebhookAuthoritiesWritten(logger, settings.Configuration, material.Authorities.Length);
        return null;
    }

    /// <summary>Once for each problem, not once for each look.</summary>
    private void Report(string? problem)
    {
        problem = problem is { Length: > LongestProblem } ? problem[..LongestProblem] : problem;
        if (problem is not null && problem != _problem)
            LogMessages.WebhookNotTrusted(logger, problem);
        if (problem is not null)
            serving.Lacks(problem);
        _problem = problem;
    }
}
