using GpuStack.Modeling.Facts;

namespace GpuStack.Modeling.Tests.Facts;

public sealed class FileFactsStoreTests : IDisposable
{
    private static readonly FactsFormat<string> Format = new("1", facts => facts, text => text == "broken" ? throw new FormatException("broken") : text);
    private static readonly ModelFacts<string> Facts = new("{\"layers\":1}", "c1", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly string _directory = Path.Combine(Directory.CreateTempSubdirectory("facts").FullName, "models");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);

    [Fact]
    public async Task Facts_are_found_again_by_another_process()
    {
        await Store().StoreAsync("key", Facts, Token);

        Assert.Equal(Facts, await Store().FindAsync("key", Token));
        Assert.Null(await Store().FindAsync("other", Token));
        Assert.Equal("key.json", Path.GetFileName(Assert.Single(Directory.GetFiles(_directory))));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"version\":\"1\"}")]
    [InlineData("{\"version\":\"1\",\"key\":\"key\",\"pin\":5,\"checked\":\"2026-01-02T03:04:05+00:00\",\"facts\":\"x\"}")]
    [InlineData("{\"version\":\"1\",\"key\":\"key\",\"pin\":null,\"checked\":\"yesterday\",\"facts\":\"x\"}")]
    [InlineData("{\"version\":\"1\",\"key\":\"key\",\"pin\":null,\"checked\":\"2026-01-02T03:04:05+00:00\",\"facts\":\"broken\"}")]
    [InlineData("{\"version\":\"1\",\"key\":\"another\",\"pin\":null,\"checked\":\"2026-01-02T03:04:05+00:00\",\"facts\":\"x\"}")]
    [InlineData("{\"version\":\"0\",\"key\":\"key\",\"pin\":null,\"checked\":\"2026-01-02T03:04:05+00:00\",\"facts\":\"x\"}")]
    public async Task A_file_that_cannot_be_used_is_ignored_and_written_anew(string content)
    {
        Directory.CreateDirectory(_directory);
        await File.WriteAllTextAsync(Path.Combine(_directory, "key.json"), content, Token);

        Assert.Null(await Store().FindAsync("key", Token));
        await Store().StoreAsync("key", Facts, Token);

        Assert.Equal(Facts, await Store().FindAsync("key", Token));
    }

    [Fact]
    public async Task A_huge_file_is_not_read()
    {
        Directory.CreateDirectory(_directory);
        await File.WriteAllBytesAsync(Path.Combine(_directory, "key.json"), new byte[(1 << 20) + 1], Token);

        Assert.Null(await Store().FindAsync("key", Token));
    }

    [Fact]
    public async Task Only_so_many_files_are_kept()
    {
        foreach (int i in Enumerable.Range(0, 9))
        {
            await Store().StoreAsync($"key{i}", Facts, Token);
        }

        Assert.Equal(4, Directory.GetFiles(_directory).Length);
        Assert.NotNull(await Store().FindAsync("key8", Token));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_used_costs_only_the_facts()
    {
        await File.WriteAllTextAsync(_directory, "a file", Token);

        await Store().StoreAsync("key", Facts, Token);

        Assert.Null(await Store().FindAsync("key", Token));
    }

    [Theory]
    [InlineData("/cache", "/home/me", "/cache/gpustack-operator/models")]
    [InlineData("relative", "/home/me", "/home/me/.cache/gpustack-operator/models")]
    [InlineData(null, "/home/me", "/home/me/.cache/gpustack-operator/models")]
    [InlineData(null, null, null)]
    public void The_directory_is_where_caches_belong(string? cache, string? home, string? expected) =>
        Assert.Equal(expected, FileFactsStore<string>.DirectoryOf(name => name switch { "XDG_CACHE_HOME" => cache, "HOME" => home, _ => null }));

    private FileFactsStore<string> Store() => new(_directory, Format, capacity: 4);
}
