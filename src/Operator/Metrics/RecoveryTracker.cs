using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Metrics;

/// <summary>
/// Finds out how long groups that served did not. The first start of a group is no recovery, nor is what happened before this operator saw the
/// group serve. Safe for concurrent use.
/// </summary>
internal sealed class RecoveryTracker(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DeploymentKey, Dictionary<int, Outage?>> _served = [];

    /// <summary>Takes in how a deployment's groups are now; groups that are not among them are forgotten.</summary>
    /// <returns>The groups that serve again: why they did not, and for how long.</returns>
    public IReadOnlyList<(RecoveryCause Cause, TimeSpan Time)> Observe(DeploymentKey deployment, IReadOnlyCollection<GroupServing> groups)
    {
        var now = time.GetTimestamp();
        List<(RecoveryCause, TimeSpan)> recovered = [];
        lock (_gate)
        {
            if (!_served.TryGetValue(deployment, out var served))
                served = [];
            foreach (var index in served.Keys.Except(groups.Select(group => group.Index)).ToList())
                served.Remove(index);
            foreach (var group in groups)
            {
                var known = served.TryGetValue(group.Index, out var outage);
                if (group.Serves)
                {
                    if (outage is not null)
                        recovered.Add((outage.Cause, time.GetElapsedTime(outage.Since, now)));
                    served[group.Index] = null;
                }
                else if (known)
                {
                    served[group.Index] = outage is null ? new Outage(now, group.Cause) : outage with { Cause = outage.Cause > group.Cause ? outage.Cause : group.Cause };
                }
            }
            if (served.Count > 0)
                _served[deployment] = served;
            else
                _served.Remove(deployment);
        }
        return recovered;
    }

    private sealed record Outage(long Since, RecoveryCause Cause);
}
