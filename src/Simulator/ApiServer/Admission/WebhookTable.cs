using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>The webhooks in force, by the names of their configurations. Read anew when a configuration changes; looking costs next to nothing.</summary>
internal sealed class WebhookTable : IDisposable
{
    private readonly ClusterStore _store;
    private readonly StoreWatch _changes;
    private readonly Lock _gate = new();
    private volatile ValidatingWebhook[] _webhooks;

    public WebhookTable(ClusterStore store)
    {
        _store = store;
        _changes = store.Watch(BuiltInResources.ValidatingWebhookConfigurations);
        _webhooks = Read();
    }

    /// <summary>The webhooks; a configuration that was answered for is among them.</summary>
    public IReadOnlyList<ValidatingWebhook> Current
    {
        get
        {
            if (_changes.Events.TryPeek(out _))
                Refresh();
            return _webhooks;
        }
    }

    public void Dispose() => _changes.Dispose();

    private void Refresh()
    {
        lock (_gate)
        {
            var changed = false;
            while (_changes.Events.TryRead(out _))
                changed = true;
            if (changed)
                _webhooks = Read();
        }
    }

    private ValidatingWebhook[] Read() =>
    [
        .. _store.List(BuiltInResources.ValidatingWebhookConfigurations).Items
            .SelectMany(configuration => (configuration.Body["webhooks"] as JsonArray ?? []).OfType<JsonObject>())
            .Select(webhook => new ValidatingWebhook(webhook)),
    ];
}
