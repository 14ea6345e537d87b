using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Quotas;

/// <summary>
/// How a controller makes what its objects own: where the quotas of the namespace have room. A refusal is told in an event of the owner, which
/// is looked at again ever more rarely, as the queues of real controllers do it: nobody tells when there is room.
/// </summary>
/// <param name="store">Where objects are made.</param>
/// <param name="events">The controller's events.</param>
/// <param name="again">Has the controller look at an owner later.</param>
internal sealed class QuotedCreation(ClusterStore store, ClusterEvents events, Action<ObjectKey, TimeSpan> again)
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1000);

    /// <summary>Refusals in a row, by owner.</summary>
    private readonly Dictionary<ObjectKey, int> _refusals = [];

    /// <param name="owner">Whom it is made for.</param>
    /// <param name="resource">Its kind.</param>
    /// <param name="body">The object.</param>
    /// <param name="words">What the event says of a refusal, made of the server's own words.</param>
    /// <param name="refusal">Why there is no room, in the server's words; null when it is made.</param>
    /// <returns>What was made; null when there is no room.</returns>
    /// <exception cref="StoreException">What <see cref="ClusterStore.Create"/> refuses.</exception>
    public StoredObject? Create(StoredObject owner, ResourceKey resource, JsonObject body, Func<string, string> words, out string? refusal)
    {
        refusal = null;
        try
        {
            return QuotaGate.Create(store, resource, body);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.QuotaExceeded)
        {
            var key = ObjectKey.Of(owner);
            var times = _refusals[key] = _refusals.GetValueOrDefault(key) + 1;
            events.Warning(owner, "FailedCreate", words(e.Message));
            var wait = ShortestRetry * Math.Pow(2, Math.Min(times - 1, 30));
            again(key, wait < LongestRetry ? wait : LongestRetry);
            refusal = e.Message;
            return null;
        }
    }

    /// <summary>The next refusal of this owner is the first one again: something was made, or the owner is gone.</summary>
    public void Forget(ObjectKey owner) => _refusals.Remove(owner);
}
