using GpuStack.Entities.Validation;
using GpuStack.Operator.Admission;

namespace GpuStack.Operator.Tests.Admission;

public class AdmissionJudgeTests
{
    public static TheoryData<string, int> Cases => AdmissionCase.All();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_case_of_the_files_is_judged_as_it_says(string file, int number)
    {
        var expected = AdmissionCase.Read(file, number);

        var verdict = AdmissionJudge.Judge(expected.Wanted, expected.Present, expected.Facts);

        Begin(expected.Problems, [.. verdict.Problems.Select(problem => $"{problem}")]);
        Begin(expected.Warnings, verdict.Warnings);
        Assert.All(verdict.Warnings, line => Assert.True(line.Length <= DoubtsValidator.LongestWarning, line));
        Assert.All(verdict.Warnings, line => Assert.DoesNotContain('\n', line));
    }

    [Fact]
    public void Two_rules_that_know_of_one_flag_name_it_once_and_a_source_that_is_wrong_in_itself_is_looked_at_no_further()
    {
        // The reader of manifests would refuse both before.
        var wanted = Inputs.Small("engine: {type: LlamaCpp}");
        wanted.Spec.Engine.Args = ["--port", "1"];
        wanted.Spec.Model.HuggingFace!.File = "../c.safetensors";

        Begin(["spec.model.huggingFace.file: ", "spec.engine.args[0]: --port is the operator's own"], [.. AdmissionJudge.Judge(wanted, null, new AdmissionFacts()).Problems.Select(problem => $"{problem}")]);
    }

    private static void Begin(IReadOnlyList<string> expected, IReadOnlyList<string> found)
    {
        Assert.True(expected.Count == found.Count, $"expected\n{string.Join('\n', expected)}\nfound\n{string.Join('\n', found)}");
        Assert.All(expected, (text, i) => Assert.StartsWith(text, found[i], StringComparison.Ordinal));
    }
}
