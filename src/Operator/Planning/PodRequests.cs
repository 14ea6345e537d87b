using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Planning;

/// <summary>
/// What a pod takes of its node, by Kubernetes' rule. Init containers run one after another, before the others; those with
/// <c>restartPolicy: Always</c> (sidecars) stay. So the pod takes, of each resource, the larger of
/// (all containers + all sidecars) and the highest init step (that container + the sidecars started before it), plus the overhead.
/// Pod-level requests, where set, stand for the containers'.
/// </summary>
internal static class PodRequests
{
    /// <summary>The containers that stay as long as the pod does: its own, and sidecars.</summary>
    public static IEnumerable<V1Container> Lasting(V1PodSpec spec) =>
        (spec.Containers ?? []).Concat((spec.InitContainers ?? []).Where(container => container.RestartPolicy is "Always"));

    public static IReadOnlyDictionary<string, Quantity> Effective(V1PodSpec spec)
    {
        var running = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var peak = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.InitContainers ?? [])
        {
            var requests = Of(container.Resources);
            if (container.RestartPolicy is "Always")
            {
                Add(running, requests);
                Raise(peak, running);
            }
            else
            {
                var step = new Dictionary<string, Quantity>(running, StringComparer.Ordinal);
                Add(step, requests);
                Raise(peak, step);
            }
        }
        foreach (var container in spec.Containers ?? [])
            Add(running, Of(container.Resources));
        Raise(running, peak);
        foreach (var (resource, quantity) in Of(spec.Resources))
            running[resource] = quantity;
        Add(running, spec.Overhead ?? []);
        return running;
    }

    /// <summary>The requests; a resource with a limit alone requests its limit.</summary>
    private static Dictionary<string, Quantity> Of(V1ResourceRequirements? resources)
    {
        var requests = new Dictionary<string, Quantity>(resources?.Limits ?? [], StringComparer.Ordinal);
        foreach (var (resource, quantity) in resources?.Requests ?? [])
            requests[resource] = quantity;
        return requests;
    }

    private static void Add(Dictionary<string, Quantity> sum, Dictionary<string, Quantity> more)
    {
        foreach (var (resource, quantity) in more)
            sum[resource] = sum.TryGetValue(resource, out var present) ? Saturating(present, quantity) : quantity;
    }

    private static void Raise(Dictionary<string, Quantity> floor, Dictionary<string, Quantity> to)
    {
        foreach (var (resource, quantity) in to)
        {
            if (!floor.TryGetValue(resource, out var present) || present < quantity)
                floor[resource] = quantity;
        }
    }

    private static Quantity Saturating(Quantity left, Quantity right)
    {
        try
        {
            return left + right;
        }
        catch (OverflowException)
        {
            return left > right ? left : right;
        }
    }
}
