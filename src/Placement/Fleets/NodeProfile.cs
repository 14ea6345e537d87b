using System.Collections.Immutable;

namespace GpuStack.Placement.Fleets;

/// <summary>All of a node that a request can tell, besides its name and its network domain. Equal by value; the hash is computed once.</summary>
internal sealed class NodeProfile : IEquatable<NodeProfile>
{
    private readonly FleetNode _node;
    private readonly string?[] _labels;
    private readonly int _hash;

    public NodeProfile(FleetNode node, LabelKeys keys)
    {
        _node = node;
        _labels = keys.Deciding.IsEmpty ? [] : new string?[keys.Deciding.Length];
        var hash = default(HashCode);
        for (var i = 0; i < _labels.Length; i++)
        {
            _labels[i] = node.Labels.GetValueOrDefault(keys.Deciding[i]);
            hash.Add(_labels[i], StringComparer.Ordinal);
        }

        hash.Add(node.FreeCpuMillis);
        hash.Add(node.FreeMemory.Value);
        hash.Add(node.FreePods);
        hash.Add(node.Taints.Length);
        hash.Add(node.Problem?.Reason, StringComparer.Ordinal);
        foreach (var pool in node.Devices)
        {
            hash.Add(pool.Free);
            hash.Add(pool.MemoryPerGpu.Value);
            hash.Add(pool.Product, StringComparer.Ordinal);
        }

        _hash = hash.ToHashCode();
    }

    public bool Equals(NodeProfile? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (other is null || _hash != other._hash)
            return false;
        var (a, b) = (_node, other._node);
        return a.FreeCpuMillis == b.FreeCpuMillis && a.FreeMemory == b.FreeMemory && a.FreePods == b.FreePods
            && a.Problem == b.Problem
            && a.Devices.AsSpan().SequenceEqual(b.Devices.AsSpan())
            && a.Taints.AsSpan().SequenceEqual(b.Taints.AsSpan())
            && _labels.AsSpan().SequenceEqual(other._labels.AsSpan());
    }

    public override bool Equals(object? obj) => Equals(obj as NodeProfile);

    public override int GetHashCode() => _hash;
}
