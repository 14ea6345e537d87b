using GpuStack.Operator.Supervision.Processes;

namespace GpuStack.Operator.Tests.Supervision.Processes;

public sealed class ProcessTests
{
    [Theory]
    [InlineData("7 (sh) S 1 7 7 0", 1, 'S', 0)]
    [InlineData("8 (a (b) c) Z 12 7 7 0", 12, 'Z', 0)]
    [InlineData("8 (a) R 12 3 4 5 6 7 8 9 10 11 120 13 14 15 16\n", 12, 'R', 133)]
    public void AProcess_IsReadWhateverItIsCalled(string text, int parent, char state, long ticks) =>
        Assert.Equal(new ProcessStat(parent, state, ticks), ProcessStat.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("7 (sh)")]
    [InlineData("7 (sh) S")]
    [InlineData("7 (sh) S x")]
    public void OtherText_IsNoProcess(string text) => Assert.Null(ProcessStat.Parse(text));

    [Fact]
    public void AProgram_IsLookedForInThePathAlone()
    {
        Assert.Equal("/bin/sh", CommandPath.Find("sh", "/nonsuch:/bin"));
        Assert.Equal("/bin/sh", CommandPath.Find("/bin/sh", ""));
        Assert.Null(CommandPath.Find("sh", "/nonsuch"));
        // A file that is not executable is no program.
        Assert.Null(CommandPath.Find("passwd", "/etc"));
        Assert.Null(CommandPath.Find("", "/bin"));
    }

    [Theory]
    [InlineData(0, null, "exited with 0")]
    [InlineData(7, null, "exited with 7")]
    [InlineData(134, 6, "ended by signal 6")]
    [InlineData(255, null, "exited with 255")]
    public void AnExit_IsToldAsShellsDo(int code, int? signal, string text)
    {
        Assert.Equal(signal, new EngineExit(code).Signal);
        Assert.Equal(text, new EngineExit(code).ToString());
    }
}
