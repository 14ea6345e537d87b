using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Sources;

public class LocalModelFolderTests
{
    [Fact]
    public async Task A_folder_opens_its_files_and_answers_null_for_others()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("folder");
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "config.json"), "{}", TestContext.Current.CancellationToken);
        var folder = new LocalModelFolder(directory.FullName);

        await using IByteRangeSource? source = await folder.OpenAsync("config.json", TestContext.Current.CancellationToken);

        Assert.Equal(2, source?.Length);
        Assert.Null(await folder.OpenAsync("model.safetensors", TestContext.Current.CancellationToken));
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_an_error_not_an_absent_file()
    {
        string missing = Path.Combine(Path.GetTempPath(), "no-such-folder-of-a-model");

        ByteRangeException exception = await Assert.ThrowsAsync<ByteRangeException>(
            async () => await new LocalModelFolder(missing).OpenAsync("config.json", TestContext.Current.CancellationToken));

        Assert.Contains("there is no such directory", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.safetensors", true)]
    [InlineData("original/model-00001-of-00002.safetensors", true)]
    [InlineData("..model", true)]
    [InlineData("", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("../other/model.safetensors", false)]
    [InlineData("a/../b", false)]
    [InlineData("a//b", false)]
    [InlineData("./a", false)]
    [InlineData("a/", false)]
    [InlineData("C:model", false)]
    [InlineData("a\\..\\b", false)]
    [InlineData("a?revision=main", false)]
    [InlineData("a%2e%2e", false)]
    [InlineData("a\nb", false)]
    public void A_path_is_safe_when_it_stays_in_the_folder(string path, bool safe) => Assert.Equal(safe, RelativePath.IsSafe(path));

    [Fact]
    public async Task A_path_that_leads_out_of_the_folder_is_refused()
    {
        ByteRangeException exception = await Assert.ThrowsAsync<ByteRangeException>(
            async () => await new LocalModelFolder(Path.GetTempPath()).OpenAsync("../x", TestContext.Current.CancellationToken));

        Assert.Contains("must lie in its folder", exception.Message, StringComparison.Ordinal);
    }
}
