using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Restarts;

/// <summary>What the restart policy remembers.</summary>
/// <param name="Failures">When the engine failed within the last hour, oldest first, at most <see cref="RestartPolicy.FailuresPerWindow"/> + 1; time since the supervisor's start.</param>
/// <param name="InARow">Failures since the engine last was healthy for long.</param>
/// <param name="Stalled">Only one try every ten minutes.</param>
internal sealed record RestartState(ImmutableArray<TimeSpan> Failures, int InARow, bool Stalled)
{
    public static readonly RestartState Initial = new([], 0, Stalled: false);
}
