using GpuStack.RealEngines.Programs;

namespace GpuStack.RealEngines.Tests.Programs;

/// <summary>A machine that cannot get the packages must fail these tests in one clear sentence.</summary>
public sealed class LlamaProgramsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("real-engines-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("", "The llama.cpp programs cannot be brought: 'apt-get update' failed; is there a network?")]
    [InlineData("http://mirror.example/debian/", "The llama.cpp programs cannot be brought: the package lists of http://mirror.example/debian/ cannot be had; is there a network?")]
    public async Task Without_packages_one_sentence_says_so(string mirror, string sentence)
    {
        // An apt-get that knows its mirror, or none, and cannot reach anything.
        var apt = Path.Combine(_folder.FullName, "apt-get");
        await File.WriteAllTextAsync(apt, $"#!/bin/sh\n[ \"$1\" = indextargets ] && {{ echo '{mirror}'; exit 0; }}\necho 'E: nothing is reachable' >&2\nexit 100\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(apt, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var exception = await Assert.ThrowsAsync<IOException>(() => LlamaPrograms.BringAsync(
            [Path.Combine(_folder.FullName, "llama")], $"{_folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}", TestContext.Current.CancellationToken));

        Assert.Equal(sentence, exception.Message);
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "llama")));
    }
}
