using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>One webhook of a ValidatingWebhookConfiguration, read once.</summary>
internal sealed class ValidatingWebhook(JsonObject webhook)
{
    private readonly WebhookRule[] _rules = [.. (webhook["rules"] as JsonArray ?? []).OfType<JsonObject>().Select(rule => new WebhookRule(rule))];
    private readonly JsonNode _namespaces = webhook["namespaceSelector"]?.DeepClone() ?? new JsonObject();
    private readonly JsonNode _objects = webhook["objectSelector"]?.DeepClone() ?? new JsonObject();
    private readonly bool _takesEquivalents = webhook["matchPolicy"].AsText() != "Exact";

    public string Name { get; } = webhook["name"].AsText() ?? "";

    /// <summary>Whether a webhook that does not answer lets everything pass.</summary>
    public bool FailsOpen { get; } = webhook["failurePolicy"].AsText() == "Ignore";

    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(webhook["timeoutSeconds"].AsLong() ?? 10);

    public WebhookAddress Address { get; } = new(webhook["clientConfig"] as JsonObject ?? []);

    /// <summary>The resource as which the webhook is asked about something; null when it is not asked.</summary>
    /// <param name="attributes">What is to be done.</param>
    /// <param name="namespaceLabels">Labels of its namespace; null for what has none.</param>
    /// <param name="catalog">Where other versions of the resource are found.</param>
    public ApiResource? Matches(AdmissionAttributes attributes, IReadOnlyDictionary<string, string>? namespaceLabels, ResourceCatalog catalog)
    {
        if (namespaceLabels is not null && !LabelSelectors.Matches(_namespaces, namespaceLabels))
            return null;
        if (!attributes.Labels.Any(labels => LabelSelectors.Matches(_objects, labels)))
            return null;
        if (Names(attributes.Resource, attributes))
            return attributes.Resource;
        return _takesEquivalents
            ? catalog.All.FirstOrDefault(other => other.Definition.Key == attributes.Resource.Definition.Key && Names(other, attributes))
            : null;
    }

    private bool Names(ApiResource resource, AdmissionAttributes attributes) => _rules.Any(rule => rule.Matches(
        attributes.Operation, resource.Group, resource.Version, resource.Plural, attributes.Request.Subresource, attributes.Request.Namespace is not null));
}
