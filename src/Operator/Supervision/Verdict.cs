namespace GpuStack.Operator.Supervision;

/// <summary>Why a running engine must end.</summary>
/// <param name="Reason">One sentence without a full stop.</param>
/// <param name="Cause">Whose fault it is.</param>
internal sealed record Verdict(string Reason, VerdictCause Cause);
