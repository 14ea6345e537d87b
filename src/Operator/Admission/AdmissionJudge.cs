using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.Validation;
using GpuStack.Operator.Controllers;

namespace GpuStack.Operator.Admission;

/// <summary>
/// Judges a spec by what the controller judges it by, and a change by what it would do. A problem that the object had before does not keep it
/// from being changed: whoever sets replicas to 0, or comes from an older version, is warned and not stopped. Pure.
/// </summary>
internal static class AdmissionJudge
{
    /// <param name="wanted">The object as it would be stored.</param>
    /// <param name="present">The object as it is; null for a new one.</param>
    /// <param name="facts">What else is known.</param>
    public static AdmissionVerdict Judge(ModelDeployment wanted, ModelDeployment? present, AdmissionFacts facts)
    {
        var known = present is null ? [] : SpecJudgement.Problems(present).Select(problem => problem.ToString()).ToHashSet(StringComparer.Ordinal);
        var found = SpecJudgement.Problems(wanted);
        var problems = found.Where(problem => !known.Contains(problem.ToString())).ToList();
        problems.AddRange(ChangeRules.Problems(wanted.Spec, present?.Spec, facts));
        List<string> warnings =
        [
            .. found.Where(problem => known.Contains(problem.ToString())).Select(problem => $"as before, {problem}"),
            .. DoubtsValidator.Check(wanted).Concat(FactDoubts.Of(wanted.Spec, facts)).DistinctBy(doubt => doubt.Path).Select(doubt => doubt.ToString()),
        ];
        if (present is not null && ChangeRules.Restart(wanted, present) is { } restart)
            warnings.Add(restart);
        return new AdmissionVerdict(problems, warnings);
    }
}
