using FsCheck.Fluent;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Tests.Models;

public class KubernetesDurationTests
{
    [Theory]
    [InlineData("0", "0s")]
    [InlineData("90s", "1m30s")]
    [InlineData("1h", "1h0m0s")]
    [InlineData("1.5h", "1h30m0s")]
    [InlineData("300ms", "300ms")]
    [InlineData("1500ms", "1.5s")]
    [InlineData("1us", "1µs")]
    [InlineData("1.5µs", "1.5µs")]
    [InlineData("-1m", "-1m0s")]
    [InlineData("1h1m1.000000001s", "1h1m1.000000001s")]
    [InlineData(".5s", "500ms")]
    public void Parse_WritesAsGoDoes(string text, string expected) => Assert.Equal(expected, KubernetesDuration.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("1d")]
    [InlineData("1 s")]
    [InlineData(".s")]
    [InlineData("1.1.1s")]
    [InlineData("300000000h")]
    public void TryParse_NoDuration_IsFalse(string text) => Assert.False(KubernetesDuration.TryParse(text, out _));

    [Fact]
    public void Text_ReadsBack() => FsCheck.Check.QuickThrowOnFailure(Prop.ForAll<long>(
        nanoseconds => KubernetesDuration.Parse(new KubernetesDuration(nanoseconds).ToString()).Nanoseconds == nanoseconds));
}
