namespace GpuStack.Operator.Supervision;

/// <summary>The engine that runs.</summary>
internal sealed record RunningEngine(int Pid, DateTimeOffset StartTime);
