using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Metrics;

/// <summary>What is measured of one deployment. Pure.</summary>
internal sealed record DeploymentFigures
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public string Engine { get; private init; } = "";

    public string Model { get; private init; } = "";

    /// <summary>Groups that the spec wants to serve: none while it is suspended, only planned, or being deleted.</summary>
    public int WantedReplicas { get; private init; }

    public int ReadyReplicas { get; private init; }

    /// <summary>GPUs of the plans in force.</summary>
    public int Gpus { get; private init; }

    /// <summary>Memory of those GPUs, in bytes.</summary>
    public long Vram { get; private init; }

    /// <summary>What the estimate says that the engines take of it, the margin for the GPU's own context included, in bytes.</summary>
    public long PlannedVram { get; private init; }

    /// <summary>The decode speed of one request in the slowest group, tokens per second; null when it cannot be predicted.</summary>
    public double? PredictedTokensPerSecond { get; private init; }

    /// <summary>Restarts of engines and containers, as far as the pods that are there know.</summary>
    public int Restarts { get; private init; }

    /// <summary>GPU memory that engines said they took, in bytes; null when none of them says so.</summary>
    public long? UsedVram { get; private init; }

    /// <summary>
    /// What engines said they took to what the estimate said of the same groups, less one: 0.01 is one part in a hundred more than estimated.
    /// Without the overhead, which is the GPU's own and in no engine's buffers. Null when no engine says.
    /// </summary>
    public double? EstimateError { get; private init; }

    /// <summary>Bytes a second that its pods receive of the model together; null while none fetches.</summary>
    public double? DownloadSpeed { get; private init; }

    /// <summary>Bytes that those pods have still to receive; null while none fetches.</summary>
    public long? DownloadRemaining { get; private init; }

    /// <param name="deployment">The deployment, with its status.</param>
    /// <param name="plans">Its plans in force.</param>
    /// <param name="engines">What its pods said.</param>
    public static DeploymentFigures Of(ModelDeployment deployment, IEnumerable<PlannedGroup> plans, EngineFigures engines)
    {
        var (spec, status) = (deployment.Spec, deployment.Status);
        var groups = plans.Select(group => group.Plan).ToList();
        var said = groups.Select(plan => (Plan: plan, Buffers: engines.Buffers.GetValueOrDefault(plan.Index))).Where(pair => pair.Buffers is not null).ToList();
        var used = said.Sum(pair => Bytes.FromMiB(pair.Buffers!.Devices).Value);
        var estimated = said.Sum(pair => Devices(pair.Plan).Sum(device => (device.Total - device.Overhead).Value));
        return new DeploymentFigures
        {
            Namespace = deployment.Metadata.Namespace ?? "",
            Name = deployment.Metadata.Name ?? "",
            Engine = status?.Engine?.Type ?? "",
            Model = status?.Model?.Name ?? ModelSource.DisplayName(spec.Model),
            WantedReplicas = spec.Suspend || spec.PlanOnly || deployment.Metadata.DeletionTimestamp is not null ? 0 : spec.Replicas,
            ReadyReplicas = status?.ReadyReplicas ?? 0,
            Gpus = groups.Sum(plan => plan.Nodes.Sum(node => node.Gpus)),
            Vram = groups.Sum(plan => plan.Nodes.Sum(node => node.Vram.Value)),
            PlannedVram = groups.Sum(plan => Devices(plan).Sum(device => device.Total.Value)),
            PredictedTokensPerSecond = groups.Count > 0 && groups.TrueForAll(plan => plan.PredictedTokensPerSecond is not null)
                ? groups.Min(plan => plan.PredictedTokensPerSecond)
                : null,
            UsedVram = said.Count > 0 ? used : null,
            EstimateError = said.Count > 0 && estimated > 0 ? ((double)used / estimated) - 1 : null,
            DownloadSpeed = engines.Downloads.IsEmpty ? null : engines.Downloads.Sum(download => download.BytesPerSecond),
            DownloadRemaining = engines.Downloads.IsEmpty ? null : engines.Downloads.Sum(download => download.Remaining),
            Restarts = status?.Groups?.Sum(group => group.Restarts ?? 0) ?? 0,
        };
    }

    private static IEnumerable<DeviceMemory> Devices(GroupPlan plan) => plan.Estimate.Devices.Where(device => device.Kind != DeviceKind.Host);
}
