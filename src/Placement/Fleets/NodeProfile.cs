using System.Collections.Immutable;

namespace GpuStack.Placement.Fleets;

/// <summary>
/// All of a node that a request can tell, besides its name and its network domain: what decides before anything else hides the rest, so that
/// nodes with a fault are alike, and nodes without a free GPU whatever is free of their hosts. Equal by value; the hash is computed once.
/// </summary>
internal sealed class NodeProfile : IEquatable<NodeProfile>
{
    private readonly FleetNode _node;
    private readonly string?[] _labels;
    private readonly int _hash;

    /// <summary>Some unit of some device is free, and so what is free of the host matters.</summary>
    private readonly bool _hasFree;

    /// <summary>Which of the ports that are asked for are taken, a bit each.</summary>
    private readonly long _ports;

    public NodeProfile(FleetNode node, LabelKeys keys)
    {
        _node = node;
        _hasFree = node.Problem is null && HasFree(node.Devices);
        if (node.Problem is not null)
        {
            _labels = [];
            _hash = node.Problem.GetHashCode();
            return;
        }

        _labels = keys.Deciding.IsEmpty ? [] : new string?[keys.Deciding.Length];
        var hash = default(HashCode);
        for (var i = 0; i < _labels.Length; i++)
        {
            _labels[i] = node.Labels.GetValueOrDefault(keys.Deciding[i]);
            hash.Add(_labels[i], StringComparer.Ordinal);
        }

        if (_hasFree)
        {
            hash.Add(node.FreeCpuMillis);
            hash.Add(node.FreeMemory.Value);
            hash.Add(node.FreePods);
            if (!keys.HostPorts.IsEmpty)
            {
                _ports = Taken(node, keys.HostPorts);
                hash.Add(_ports);
            }
        }

        // Whatever may differ on every node must be in the hash, or cohorts are looked up one by one.
        hash.Add(node.Network);
        foreach (var taint in node.Taints)
        {
            hash.Add(taint.Key, StringComparer.Ordinal);
            hash.Add(taint.Value, StringComparer.Ordinal);
        }

        foreach (var pool in node.Devices)
        {
            hash.Add(pool.Free);
            hash.Add(pool.Allocatable);
            hash.Add(pool.MemoryPerGpu.Value);
            hash.Add(pool.Product, StringComparer.Ordinal);
            hash.Add(pool.DriverVersion, StringComparer.Ordinal);
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
        if (a.Problem is not null || b.Problem is not null)
            return a.Problem == b.Problem;
        return _hasFree == other._hasFree
            && (!_hasFree || (a.FreeCpuMillis == b.FreeCpuMillis && a.FreeMemory == b.FreeMemory && a.FreePods == b.FreePods && _ports == other._ports))
            && a.Network == b.Network
            && a.Devices.AsSpan().SequenceEqual(b.Devices.AsSpan())
            && a.Taints.AsSpan().SequenceEqual(b.Taints.AsSpan())
            && _labels.AsSpan().SequenceEqual(other._labels.AsSpan());
    }

    public override bool Equals(object? obj) => Equals(obj as NodeProfile);

    public override int GetHashCode() => _hash;

    private static long Taken(FleetNode node, ImmutableArray<int> ports)
    {
        long taken = 0;
        for (var i = 0; i < ports.Length; i++)
            taken |= node.HasTaken(ports[i]) ? 1L << i : 0;
        return taken;
    }

    private static bool HasFree(ImmutableArray<DevicePool> devices)
    {
        foreach (var pool in devices)
        {
            if (pool.Free > 0)
                return true;
        }

        return false;
    }
}
