using System.Globalization;
using GpuStack.Entities.Validation;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Admission.Reviews;

/// <summary>What a review is answered with, in bounds: a refusal looks as if the schema had refused, and warnings fit into headers.</summary>
internal static class ReviewText
{
    private const int MostProblems = 20;
    private const int LongestProblem = 500;

    /// <summary>All warnings of an answer may have 4096 characters before API servers cut them.</summary>
    private const int MostWarnings = 15;

    /// <summary>A refusal with every problem.</summary>
    public static V1Status Refusal(string name, IReadOnlyList<FieldProblem> problems)
    {
        var shown = problems.Take(MostProblems).Select(problem => new FieldProblem(Cut(problem.Path, LongestProblem), Cut(problem.Message, LongestProblem))).ToList();
        var more = problems.Count > shown.Count ? $", and {problems.Count - shown.Count} more" : "";
        return new V1Status
        {
            Status = "Failure",
            Code = 422,
            Reason = "Invalid",
            Message = shown.Count == 1 ? shown[0].ToString() : $"[{string.Join(", ", shown)}{more}]",
            Details = new V1StatusDetails
            {
                Name = name,
                Group = "inference.gpustack.io",
                Kind = "ModelDeployment",
                Causes = shown.ConvertAll(problem => new V1StatusCause { Reason = "FieldValueInvalid", Field = problem.Path, Message = problem.Message }),
            },
        };
    }

    /// <summary>Warnings as lines that a header can hold; null when there are none.</summary>
    public static List<string>? Warnings(IReadOnlyList<string> warnings)
    {
        if (warnings.Count == 0)
            return null;
        var lines = warnings.Take(MostWarnings).Select(Line).ToList();
        if (warnings.Count > MostWarnings)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"and {warnings.Count - MostWarnings} more"));
        return lines;
    }

    private static string Line(string warning) => Cut(new string([.. warning.Select(c => char.IsControl(c) ? ' ' : c)]), DoubtsValidator.LongestWarning);

    private static string Cut(string text, int longest) => text.Length <= longest ? text : $"{text.AsSpan(0, Bounded.Length(text, longest - 3))}...";
}
