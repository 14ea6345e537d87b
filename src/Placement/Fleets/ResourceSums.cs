using System.Collections.Immutable;

namespace GpuStack.Placement.Fleets;

/// <summary>What the pods of one node hold, resource by resource. Sums of strangers' numbers never overflow.</summary>
internal sealed class ResourceSums
{
    private readonly Dictionary<string, Int128> _sums = new(StringComparer.Ordinal);

    /// <summary>Who has each host port; null while nobody has any. Two may have one for a while: a plan, and a pod that is still to go.</summary>
    private SortedDictionary<int, List<string>>? _ports;

    /// <summary>The host ports that are taken, by number; of several holders the first by name.</summary>
    public ImmutableArray<HostPort> Ports => _ports is null ? [] : [.. _ports.Select(port => new HostPort(port.Key, port.Value.Min(StringComparer.Ordinal)!))];

    public bool IsEmpty => _sums.Count == 0;

    /// <summary>What is held of a resource.</summary>
    public long Of(string resource) => (long)Int128.Min(_sums.GetValueOrDefault(resource), NodeReading.Unknown);

    public void Add(PodFacts pod) => Change(pod, 1);

    /// <summary>Takes back what <see cref="Add"/> added.</summary>
    public void Remove(PodFacts pod) => Change(pod, -1);

    public ResourceSums Copy()
    {
        var copy = new ResourceSums();
        foreach (var (resource, sum) in _sums)
            copy._sums[resource] = sum;
        foreach (var (port, holders) in _ports ?? [])
            (copy._ports ??= [])[port] = [.. holders];
        return copy;
    }

    private void Change(PodFacts pod, int sign)
    {
        foreach (var (resource, amount) in pod.Requests)
        {
            if (resource != "pods" && amount > 0)
                Change(resource, sign * (Int128)amount);
        }

        Change("pods", sign);
        foreach (var port in pod.HostPorts)
            Change(port, sign);
    }

    private void Change(HostPort port, int sign)
    {
        _ports ??= [];
        if (!_ports.TryGetValue(port.Port, out var holders))
            _ports[port.Port] = holders = [];
        if (sign > 0)
            holders.Add(port.Holder);
        else
            holders.Remove(port.Holder);
        if (holders.Count == 0)
            _ports.Remove(port.Port);
        if (_ports.Count == 0)
            _ports = null;
    }

    private void Change(string resource, Int128 amount)
    {
        var sum = _sums.GetValueOrDefault(resource) + amount;
        if (sum == 0)
            _sums.Remove(resource);
        else
            _sums[resource] = sum;
    }
}
