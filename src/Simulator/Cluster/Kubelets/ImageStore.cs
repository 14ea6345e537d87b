using System.Collections.Concurrent;

namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>Which images the nodes have, and which cannot be pulled.</summary>
internal sealed class ImageStore(KubeletBehaviour behaviour)
{
    private readonly HashSet<(string Node, string Image)> _present = [];
    private readonly ConcurrentDictionary<string, string> _failing = new(StringComparer.Ordinal);

    /// <summary>Pulls of this image fail from now on, with the runtime's words; null lets them succeed again.</summary>
    public void SetError(string image, string? error)
    {
        if (error is null)
            _failing.TryRemove(image, out _);
        else
            _failing[image] = error;
    }

    public string? ErrorOf(string image) => _failing.GetValueOrDefault(image);

    /// <summary>Images whose pull takes no time are everywhere, unless it fails.</summary>
    public bool IsPresent(string node, string image) =>
        _present.Contains((node, image)) || (behaviour.PullTimeOf(image) == TimeSpan.Zero && !_failing.ContainsKey(image));

    public void Pulled(string node, string image)
    {
        if (behaviour.PullTimeOf(image) > TimeSpan.Zero)
            _present.Add((node, image));
    }
}
