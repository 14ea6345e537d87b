using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Serving;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>
/// Asks the validating webhooks whether a write may pass, after the schema was checked and before anything is stored. All that match
/// are asked at once; the refusal of the first in the table is the answer. Their warnings go to the client whatever the answer is.
/// <para>
/// Only writes over HTTP are asked about: simulated controllers write past the API server, so that rules on what they make (the pods of a
/// StatefulSet, say) are not honoured.
/// </para>
/// </summary>
internal sealed class ValidatingAdmission(ClusterStore store, ResourceCatalog catalog, WebhookConnector connector) : IDisposable
{
    private readonly WebhookTable _table = new(store);
    private readonly WebhookCaller _caller = new(connector);

    /// <exception cref="ApiException">A webhook refuses, or does not answer and may not be passed over.</exception>
    public ValueTask ValidateAsync(ApiRequest request, string operation, JsonObject? body, JsonObject? old)
    {
        var webhooks = _table.Current;
        // A webhook must not be able to protect itself.
        if (webhooks.Count == 0 || request.Resource.Group == "admissionregistration.k8s.io")
            return ValueTask.CompletedTask;
        return AskAsync(webhooks, new AdmissionAttributes(request, operation, body, old));
    }

    public void Dispose()
    {
        _table.Dispose();
        _caller.Dispose();
    }

    private async ValueTask AskAsync(IReadOnlyList<ValidatingWebhook> webhooks, AdmissionAttributes attributes)
    {
        var labels = NamespaceLabels(attributes);
        var asked = webhooks
            .Select(webhook => (Webhook: webhook, Resource: webhook.Matches(attributes, labels, catalog)))
            .Where(pair => pair.Resource is not null)
            .Select(pair => AskAsync(pair.Webhook, attributes, pair.Resource!))
            .ToList();
        if (asked.Count == 0)
            return;
        var verdicts = await Task.WhenAll(asked).ConfigureAwait(false);
        Answer.Warn(attributes.Request.Http, [.. verdicts.SelectMany(verdict => verdict.Warnings).Distinct(StringComparer.Ordinal)]);
        if (verdicts.Select(verdict => verdict.Refusal).FirstOrDefault(refusal => refusal is not null) is { } first)
            throw first;
    }

    private async Task<(ApiException? Refusal, IReadOnlyList<string> Warnings)> AskAsync(
        ValidatingWebhook webhook, AdmissionAttributes attributes, ApiResource resource)
    {
        var uid = Guid.NewGuid().ToString();
        try
        {
            var response = await _caller.CallAsync(webhook, uid, AdmissionReviewBody.Write(uid, attributes, resource), attributes.Request.Aborted).ConfigureAwait(false);
            var warnings = (response["warnings"] as JsonArray ?? []).Select(warning => warning.AsText()).OfType<string>().ToList();
            return (response["allowed"].AsBool() == true ? null : ApiException.Denied(webhook.Name, response["status"] as JsonObject), warnings);
        }
        catch (WebhookCallException failure)
        {
            return (webhook.FailsOpen ? null : ApiException.InternalCause($"failed calling webhook \"{webhook.Name}\": {failure.Message}"), []);
        }
    }

    /// <summary>The labels that a namespaceSelector is compared with; null for what is in no namespace.</summary>
    private IReadOnlyDictionary<string, string>? NamespaceLabels(AdmissionAttributes attributes)
    {
        if (attributes.Resource.Definition.Key == BuiltInResources.Namespaces)
            return AdmissionAttributes.LabelsOf(attributes.Object ?? attributes.OldObject ?? []);
        return attributes.Request.Namespace is { } name ? store.Get(BuiltInResources.Namespaces, null, name)?.Labels : null;
    }
}
