namespace GpuStack.Entities.Conditions;

/// <summary>One combination of type, status and reason that the operator writes.</summary>
/// <param name="Type">One of <see cref="ConditionTypes"/>.</param>
/// <param name="Status">True, False or Unknown.</param>
/// <param name="Reason">One of <see cref="ConditionReasons"/>.</param>
/// <param name="Meaning">What it means.</param>
/// <param name="Remedy">What the user can do; empty where nothing is to be done.</param>
public sealed record ConditionTableRow(string Type, string Status, string Reason, string Meaning, string Remedy);
