using GpuStack.Operator.Commands;
using GpuStack.Operator.Commands.Supervise;

namespace GpuStack.Operator.Tests.Commands.Supervise;

public sealed class ProgramCopyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("copy-to");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void TheProgram_IsCopied_AsAnExecutable_AgainAndAgain()
    {
        var source = Path.Combine(_folder.FullName, "source");
        var target = Path.Combine(_folder.FullName, "new", "bin");
        File.WriteAllText(source, "one");
        Assert.Equal(Path.Combine(target, "gpustack-operator"), ProgramCopy.To(source, target));
        using var running = File.OpenRead(Path.Combine(target, "gpustack-operator"));
        File.WriteAllText(source, "second");
        var copy = ProgramCopy.To(source, target);
        Assert.Equal("second", File.ReadAllText(copy));
        Assert.Equal("-rwxr-xr-x", Mode(copy));
        Assert.Equal([copy], Directory.GetFileSystemEntries(target));
        // Who runs the old one keeps it.
        using var reader = new StreamReader(running);
        Assert.Equal("one", reader.ReadToEnd());
    }

    [Fact]
    public void AFolderThatCannotBeWritten_IsSaidInOneSentence_AndNothingIsLeft()
    {
        var source = Path.Combine(_folder.FullName, "source");
        File.WriteAllText(source, "one");
        // A file stands where the folder should be.
        var exception = Assert.Throws<WorkFailedException>(() => ProgramCopy.To(source, source));
        Assert.StartsWith($"The program cannot be copied to {source}/gpustack-operator: ", exception.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "bin", "gpustack-operator"));
        Assert.Throws<WorkFailedException>(() => ProgramCopy.To(source, Path.Combine(_folder.FullName, "bin")));
        Assert.Equal([Path.Combine(_folder.FullName, "bin", "gpustack-operator")], Directory.GetFileSystemEntries(Path.Combine(_folder.FullName, "bin")));
    }

    [Fact]
    public void AProgramOfSeveralFiles_IsRefused() =>
        Assert.StartsWith("--copy-to needs the program as a single file", Assert.Throws<InputException>(ProgramCopy.Own).Message, StringComparison.Ordinal);

    private static string Mode(string file)
    {
        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(file);
        return "-" + string.Concat("rwxrwxrwx".Select((letter, i) => mode.HasFlag((UnixFileMode)(1 << (8 - i))) ? letter : '-'));
    }
}
