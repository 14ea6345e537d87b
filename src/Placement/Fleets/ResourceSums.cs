namespace GpuStack.Placement.Fleets;

/// <summary>What the pods of one node hold, resource by resource. Sums of strangers' numbers never overflow.</summary>
internal sealed class ResourceSums
{
    private readonly Dictionary<string, Int128> _sums = new(StringComparer.Ordinal);

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
