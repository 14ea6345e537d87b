using GpuStack.Operator.Supervision.Processes;

namespace GpuStack.Operator.Supervision;

/// <summary>The engine's last end, and why: its own, or what it was ended for.</summary>
internal sealed record LastExit(EngineExit Exit, DateTimeOffset Time, string Reason);
