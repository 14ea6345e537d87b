using GpuStack.Entities.Validation;
using GpuStack.Operator.Admission.Reviews;

namespace GpuStack.Operator.Tests.Admission.Reviews;

public class ReviewTextTests
{
    [Theory]
    [InlineData(256, 256, false)]
    [InlineData(257, 256, true)]
    [InlineData(100_000, 256, true)]
    public void A_warning_has_what_API_servers_show_of_one(int length, int expected, bool isCut)
    {
        var warning = Assert.Single(ReviewText.Warnings([new string('x', length)])!);

        Assert.Equal((expected, isCut), (warning.Length, warning.EndsWith("xxx...", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_header_holds_no_control_characters() => Assert.Equal(["a b  c"], ReviewText.Warnings(["a\nb\r\tc"])!);

    [Fact]
    public void No_character_is_cut_into_halves()
    {
        var text = $"x{string.Concat(Enumerable.Repeat("\U0001F600", 200))}";

        foreach (var warning in (string[])[ReviewText.Warnings([text])![0], ReviewText.Warnings([$"x{text}"])![0]])
        {
            Assert.InRange(warning.Length, 255, 256);
            Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(warning)));
        }
    }

    [Theory]
    [InlineData(15, 15, null)]
    [InlineData(16, 16, "and 1 more")]
    public void As_many_warnings_as_API_servers_show(int count, int expected, string? last)
    {
        var warnings = ReviewText.Warnings([.. Enumerable.Range(0, count).Select(i => $"{i}")])!;

        Assert.Equal((expected, last ?? "14"), (warnings.Count, warnings[^1]));
        Assert.Null(ReviewText.Warnings([]));
    }

    [Fact]
    public void A_refusal_is_bounded_in_path_and_message()
    {
        var status = ReviewText.Refusal("a", [new FieldProblem(new string('p', 501), new string('m', 500)), new FieldProblem("b", "c")]);

        Assert.Equal((500, 500), (status.Details!.Causes![0].Field!.Length, status.Details.Causes[0].Message!.Length));
        Assert.EndsWith("m, b: c]", status.Message, StringComparison.Ordinal);
    }
}
