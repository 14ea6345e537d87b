using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>How a changed spec reaches running groups.</summary>
public sealed class UpdateStrategySpec
{
    /// <summary>Who starts the update of a group.</summary>
    public UpdateStrategyType Type { get; set; } = UpdateStrategyType.RollingUpdate;

    /// <summary>Groups, or percent of them, that may be down during an update.</summary>
    [Length(1, 10)]
    [Pattern("^([0-9]{1,4}|[0-9]{1,3}%)$")]
    [CelRule("type(self) == string || self >= 0", "maxUnavailable is a number of groups from 0, or a percentage such as \"25%\"")]
    public IntOrString MaxUnavailable { get; set; } = 1;

    /// <summary>
    /// Further groups, or percent of them, that may run during an update; they need free GPUs, without them maxUnavailable applies.
    /// </summary>
    [Length(1, 10)]
    [Pattern("^([0-9]{1,4}|[0-9]{1,3}%)$")]
    [CelRule("type(self) == string || self >= 0", "maxSurge is a number of groups from 0, or a percentage such as \"25%\"")]
    public IntOrString MaxSurge { get; set; } = 0;
}
