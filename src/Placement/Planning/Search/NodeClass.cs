using System.Collections.Frozen;
using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Nodes that are all the same to a request: equal devices, equally many free, in one domain, able to play the same roles.
/// The search works on classes, so its cost grows with their number and not with the nodes', whose names are looked up last.
/// </summary>
internal sealed class NodeClass(NodeClassKey key, DevicePool devices, Bytes usable)
{
    private readonly List<Part> _parts = [];
    private string? _firstName;

    public NodeClassKey Key { get; } = key;

    public DevicePool Devices { get; } = devices;

    /// <summary>Memory of one device that may be filled.</summary>
    public Bytes Usable { get; } = usable;

    /// <summary>How many nodes there are.</summary>
    public int Count { get; private set; }

    /// <summary>The smallest name.</summary>
    public string FirstName => _firstName ??= First(1)[0];

    /// <summary>Devices a group may use on one node: those that are free, as far as the host has memory for their processes.</summary>
    public int Gpus => Key.Gpus;

    /// <summary>Free VRAM of one node before planning: what makes a leader.</summary>
    public long Pool => Devices.MemoryPerGpu.Value * Key.Gpus;

    /// <summary>By the smallest name; a node with several kinds of devices is in several classes, which their resources tell apart.</summary>
    public static int CompareNames(NodeClass a, NodeClass b)
    {
        var order = string.CompareOrdinal(a.FirstName, b.FirstName);
        return order != 0 ? order : string.CompareOrdinal(a.Key.ResourceName, b.Key.ResourceName);
    }

    /// <summary>The same class in one domain, as yet without nodes.</summary>
    public NodeClass In(string domain) => new(Key with { Domain = domain }, Devices, Usable);

    /// <summary>The smallest names, sorted; at most as many as there are nodes.</summary>
    public string[] First(int count)
    {
        var names = new List<string>(Math.Min(count * _parts.Count, Count));
        foreach (var part in _parts)
        {
            var taken = 0;
            foreach (var name in part.Names)
            {
                if (taken == count)
                    break;
                if (part.Except.Contains(name))
                    continue;
                names.Add(name);
                taken++;
            }
        }

        names.Sort(StringComparer.Ordinal);
        return [.. names.Take(count)];
    }

    /// <summary>Adds sorted names; all but <paramref name="except"/>, each of which is one of them.</summary>
    public void Add(ImmutableSortedSet<string> names, FrozenSet<string> except)
    {
        _parts.Add(new Part(names, except));
        Count += names.Count - except.Count;
    }

    private sealed record Part(ImmutableSortedSet<string> Names, FrozenSet<string> Except);
}
