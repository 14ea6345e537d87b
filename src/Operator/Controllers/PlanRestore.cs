using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Controllers;

/// <summary>Takes over the plans that an earlier run wrote, before this run decides anything.</summary>
internal sealed class PlanRestore(ClusterView cluster, PlanningDesk desk, ILogger logger)
{
    private readonly Lock _gate = new();
    private bool _done;

    public void Once()
    {
        lock (_gate)
        {
            if (_done)
                return;
            var restored = 0;
            foreach (var deployment in cluster.Deployments.Cache.List())
            {
                var key = new DeploymentKey(deployment.Metadata.Namespace ?? "", deployment.Metadata.Name ?? "");
                var plans = PlansInForce.Of(
                    deployment.Metadata.Uid, cluster.Children<V1ConfigMap>(key), cluster.Children<V1StatefulSet>(key),
                    (map, exception) => LogMessages.PlanUnreadable(logger, map.Metadata.Name ?? "", exception.Message));
                foreach (var group in plans)
                {
                    desk.Restore(key, group);
                    restored++;
                }
            }
            _done = true;
            cluster.ForgetPlanTexts();
            LogMessages.PlansRestored(logger, restored);
        }
    }
}
