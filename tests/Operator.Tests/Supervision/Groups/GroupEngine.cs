using GpuStack.Operator.Supervision.Groups;

namespace GpuStack.Operator.Tests.Supervision.Groups;

/// <summary>A run of an engine in the model.</summary>
/// <param name="Start">Its start time.</param>
/// <param name="Epoch">That of the coordinator's engine it was started for.</param>
/// <param name="Step">The step of its start.</param>
internal sealed record GroupEngine(DateTimeOffset Start, DateTimeOffset Epoch, int Step)
{
    public FollowersWatch? Followers { get; set; }

    public CoordinatorWatch? Coordinator { get; set; }

    public bool Crashed { get; set; }

    /// <summary>Steps until it is gone, once it was asked to end; 0 before.</summary>
    public int Ending { get; set; }
}
