using System.Globalization;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Faults.Histories;

/// <summary>
/// What a handler was told, replayed: for each key added, then updated, then deleted, and never a version older than one seen before. Keeps
/// one version a key, so it can listen for hours.
/// </summary>
public sealed class InformerHistory<T>
    where T : class, IKubernetesObject
{
    private const int MaxErrors = 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<EntityKey, T> _present = [];
    private readonly Dictionary<EntityKey, long> _lastVersions = [];
    private readonly List<string> _errors = [];
    private long _events;

    /// <summary>What was told out of order; the first few.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lock) return [.. _errors];
        }
    }

    /// <summary>How much was told.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>The objects that there are, as far as the handler knows.</summary>
    public IReadOnlyDictionary<EntityKey, string> Versions
    {
        get
        {
            lock (_lock) return _present.ToDictionary(entry => entry.Key, entry => entry.Value.Metadata.ResourceVersion!);
        }
    }

    /// <summary>The handler.</summary>
    public void Add(InformerEvent<T> change)
    {
        Interlocked.Increment(ref _events);
        lock (_lock) Check(change);
    }

    private void Check(InformerEvent<T> change)
    {
        var key = EntityKey.Of(change.Object);
        var version = long.Parse(change.Object.Metadata.ResourceVersion!, CultureInfo.InvariantCulture);
        var known = _lastVersions.GetValueOrDefault(key);
        var isPresent = _present.TryGetValue(key, out var present);
        if (change.IsResync)
        {
            Expect(isPresent && version == known, change, $"a resync of what is {(isPresent ? $"at {known}" : "not there")}");
            return;
        }

        switch (change.Type)
        {
            case InformerEventType.Added:
                Expect(!isPresent, change, "it is there already");
                Expect(version > known, change, $"version {known} was seen before");
                _present[key] = change.Object;
                break;
            case InformerEventType.Updated:
                Expect(isPresent, change, "it is not there");
                Expect(version > known, change, $"version {known} was seen before");
                Expect(change.Previous?.Metadata.ResourceVersion == present?.Metadata.ResourceVersion, change, "its previous state is not what was told before");
                _present[key] = change.Object;
                break;
            default:
                Expect(isPresent, change, "it is not there");
                Expect(version >= known, change, $"version {known} was seen before");
                _present.Remove(key);
                break;
        }

        _lastVersions[key] = Math.Max(known, version);
    }

    private void Expect(bool condition, InformerEvent<T> change, string problem)
    {
        if (!condition && _errors.Count < MaxErrors) _errors.Add($"{change.Type} {EntityKey.Of(change.Object)} at {change.Object.Metadata.ResourceVersion}: {problem}");
    }
}
