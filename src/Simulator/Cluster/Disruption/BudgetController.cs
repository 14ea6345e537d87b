using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Disruption;

/// <summary>
/// Keeps the status of PodDisruptionBudgets: how many of their pods are healthy, how many must be, and how many may be evicted now. Which
/// budgets a pod belongs to is looked up by one label of each selector, so that many budgets cost no more than one.
/// </summary>
internal sealed class BudgetController(ClusterStore store) : ControlLoop<ObjectKey>(store)
{
    /// <summary>An eviction that deletes no pod is forgotten after so long.</summary>
    private static readonly TimeSpan EvictionTimeout = TimeSpan.FromMinutes(2);

    private readonly LabelIndex _pods = new();
    private readonly LabelIndex _budgets = new();
    private readonly Dictionary<ObjectKey, (string Key, string Value)> _labelOf = [];

    protected override IEnumerable<ResourceKey> Watched =>
        [BuiltInResources.PodDisruptionBudgets, BuiltInResources.Pods, BuiltInResources.StatefulSets];

    protected override void Observe(StoreEvent change)
    {
        var resource = change.Object.Definition.Key;
        if (resource == BuiltInResources.PodDisruptionBudgets)
            ObserveBudget(change);
        else if (resource == BuiltInResources.Pods)
            ObservePod(change);
        else if (!change.IsSameAt("metadata", "generation"))
            Mark(change.Object.Namespace, TemplateLabels(change.Object));
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (!_labelOf.TryGetValue(key, out var label) || Store.Get(BuiltInResources.PodDisruptionBudgets, key.Namespace, key.Name) is not { } budget)
            return;
        var selector = budget.Body["spec"]?["selector"];
        var pods = _pods.Find(key.Namespace, label.Key, label.Value)
            .Select(p => Store.Get(BuiltInResources.Pods, p.Namespace, p.Name)).OfType<StoredObject>()
            .Where(p => !PodState.IsFinished(p) && LabelSelectors.Matches(selector, p.Labels)).ToArray();
        var disrupted = Disrupted(key, budget, pods);
        var healthy = pods.Count(p => PodState.IsReady(p) && !disrupted.ContainsKey(p.Name));
        var expected = Expected(budget, pods);
        var now = ObjectRules.Timestamp(Now);
        Store.ModifyStatus(BuiltInResources.PodDisruptionBudgets, key.Namespace, key.Name, b => BudgetStatus.Write(b, expected, healthy, (JsonObject)disrupted.DeepClone(), now));
    }

    private void ObserveBudget(StoreEvent change)
    {
        var key = ObjectKey.Of(change.Object);
        if (_labelOf.Remove(key, out var former))
            _budgets.Remove(key, former.Key, former.Value);
        if (change.Type == StoreEventType.Deleted)
            return;
        var label = SelectingLabel(change.Object);
        _labelOf[key] = label;
        _budgets.Add(key, label.Key, label.Value);
        if (_pods.Track(label.Key))
        {
            foreach (var pod in Store.List(BuiltInResources.Pods).Items)
                _pods.Add(ObjectKey.Of(pod), label.Key, LabelIndex.ValueOf(pod.Labels, label.Key));
        }
        Enqueue(key);
    }

    private void ObservePod(StoreEvent change)
    {
        var key = ObjectKey.Of(change.Object);
        if (change.Previous is not null && !ReferenceEquals(change.Previous.Labels, change.Object.Labels))
            _pods.Remove(key, change.Previous.Labels);
        if (change.Type == StoreEventType.Deleted)
            _pods.Remove(key, change.Object.Labels);
        else
            _pods.Add(key, change.Object.Labels);
        if (change.Previous is { } before && change.Type == StoreEventType.Modified && PodState.IsReady(before) == PodState.IsReady(change.Object)
            && PodState.IsFinished(before) == PodState.IsFinished(change.Object))
        {
            return;
        }
        Mark(key.Namespace, change.Object.Labels);
    }

    private void Mark(string? @namespace, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var budget in _budgets.Find(@namespace, LabelIndex.AnyKey, ""))
            Enqueue(budget);
        foreach (var (key, value) in labels)
        {
            foreach (var budget in _budgets.Find(@namespace, key, value))
                Enqueue(budget);
        }
    }

    /// <summary>The label of a selector that fewest other budgets have; one that every pod has for a selector without labels.</summary>
    private (string Key, string Value) SelectingLabel(StoredObject budget)
    {
        (string, string) best = (LabelIndex.AnyKey, "");
        var fewest = int.MaxValue;
        foreach (var (key, value) in budget.Body["spec"]?["selector"]?["matchLabels"] as JsonObject ?? [])
        {
            var text = value.AsText() ?? "";
            var count = _budgets.Count(budget.Namespace, key, text);
            if (count >= fewest)
                continue;
            fewest = count;
            best = (key, text);
        }
        return best;
    }

    private JsonObject Disrupted(ObjectKey key, StoredObject budget, StoredObject[] pods)
    {
        var kept = new JsonObject();
        foreach (var (name, time) in budget.Body["status"]?["disruptedPods"] as JsonObject ?? [])
        {
            if (Array.Find(pods, p => p.Name == name) is not { IsBeingDeleted: false }
                || !DateTimeOffset.TryParse(time.AsText(), CultureInfo.InvariantCulture, out var since) || since + EvictionTimeout <= Now)
            {
                continue;
            }
            kept[name] = time!.DeepClone();
            EnqueueAfter(key, since + EvictionTimeout - Now);
        }
        return kept;
    }

    /// <summary>Where a share of all pods counts, their controllers say how many there should be.</summary>
    private long Expected(StoredObject budget, StoredObject[] pods)
    {
        var spec = budget.Body["spec"];
        if (spec?["maxUnavailable"] is null && spec?["minAvailable"].AsText() is null)
            return pods.Length;
        var controllers = pods.Select(OwnerReferences.Controller).Where(o => o.At("kind").Is("StatefulSet"))
            .Select(o => o.At("name").AsText() ?? "").Distinct(StringComparer.Ordinal);
        return controllers.Sum(name => Store.Get(BuiltInResources.StatefulSets, budget.Namespace, name)?.Content.At("spec", "replicas").AsLong() ?? 1);
    }

    private static Dictionary<string, string> TemplateLabels(StoredObject set)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in set.Body["spec"]?["template"]?["metadata"]?["labels"] as JsonObject ?? [])
            labels[key] = value.AsText() ?? "";
        return labels;
    }
}
