using GpuStack.Entities.Validation;

namespace GpuStack.Operator.Admission;

/// <summary>Whether a spec may pass.</summary>
/// <param name="Problems">Why not; empty when it may.</param>
/// <param name="Warnings">What its author should know, whatever the answer is.</param>
internal sealed record AdmissionVerdict(IReadOnlyList<FieldProblem> Problems, IReadOnlyList<string> Warnings)
{
    public static AdmissionVerdict Fine { get; } = new([], []);
}
