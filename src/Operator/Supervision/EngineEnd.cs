using GpuStack.Operator.Supervision.Processes;

namespace GpuStack.Operator.Supervision;

/// <summary>How a run of the engine ended.</summary>
/// <param name="Exit">The engine's end.</param>
/// <param name="Verdict">Why it was ended; null when it ended by itself, or by the stop.</param>
/// <param name="Reason">Both in one sentence without a full stop.</param>
/// <param name="HealthyFor">How long it was ready, and with it all that belong together.</param>
internal sealed record EngineEnd(EngineExit Exit, Verdict? Verdict, string Reason, TimeSpan HealthyFor);
