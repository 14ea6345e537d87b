using GpuStack.Modeling.Tests.Sources;

namespace GpuStack.Operator.Tests.Fetch;

/// <summary>Real processes that are killed, stopped, and wait for one another.</summary>
public sealed class FetchProcessTests : IDisposable
{
    private const int Stall = 300_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("gpustack-fetch").FullName;
    private readonly byte[] _content = Bytes();

    private string Model => Path.Combine(_folder, "hf", "owner", "repo", FileServer.Commit, "model.gguf");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_process_that_is_killed_leaves_its_bytes_and_no_lock()
    {
        await using var server = await FileServer.StartAsync(_content);
        server.StallAfter = Stall;
        using (var killed = new FetchProcess(server.Address, _folder))
        {
            await ReachedAsync();
            await killed.KillAsync();
        }

        server.StallAfter = null;
        using var next = new FetchProcess(server.Address, _folder);
        (int code, string output) = await next.EndAsync();

        Assert.True(code == 0, next.Error);
        Assert.Equal(Model, output.TrimEnd().Split('\n')[^1]);
        Assert.Equal(_content, await File.ReadAllBytesAsync(Model, TestContext.Current.CancellationToken));
        Assert.Equal([0, Stall], server.Asked.Select(asked => asked.From));
        Assert.All(server.Asked, asked => Assert.Equal("Bearer hf_secret", asked.Authorization));
        Assert.DoesNotContain("hf_secret", next.Error + output, StringComparison.Ordinal);
        Assert.DoesNotContain("Waiting", next.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_of_a_companys_own_authority_is_trusted_when_its_certificate_is_given(bool given)
    {
        using var company = new TestAuthority("company");
        using var certificate = company.Certificate();
        await using var server = await FileServer.StartAsync(_content, certificate);
        string file = Path.Combine(_folder, "ca.crt");
        await File.WriteAllTextAsync(file, company.Pem, TestContext.Current.CancellationToken);
        using var fetch = new FetchProcess(server.Address, _folder, given ? ["--ca-file", file] : ["--timeout", "5s"]);
        (int code, _) = await fetch.EndAsync();

        Assert.True(code == (given ? 0 : 1), fetch.Error);
        Assert.Equal(given, File.Exists(Model));
        Assert.Equal(given ? 1 : 0, server.Asked.Count);
    }

    [Fact]
    public async Task A_process_waits_for_another_one_and_goes_on_when_that_dies()
    {
        await using var server = await FileServer.StartAsync(_content);
        server.StallAfter = Stall;
        using var first = new FetchProcess(server.Address, _folder);
        await ReachedAsync();
        using var second = new FetchProcess(server.Address, _folder);
        await UntilAsync(() => second.Error.Contains($"Waiting for process {first.Id} on ", StringComparison.Ordinal));
        server.StallAfter = null;

        await first.KillAsync();
        (int code, _) = await second.EndAsync();

        Assert.True(code == 0, second.Error);
        Assert.Equal(_content, await File.ReadAllBytesAsync(Model, TestContext.Current.CancellationToken));
        Assert.Equal([0, Stall], server.Asked.Select(asked => asked.From));
    }

    [Fact]
    public async Task A_process_that_is_told_to_end_says_so_and_leaves_its_bytes()
    {
        await using var server = await FileServer.StartAsync(_content);
        server.StallAfter = Stall;
        using var stopped = new FetchProcess(server.Address, _folder);
        await ReachedAsync();

        stopped.Terminate();
        (int code, string output) = await stopped.EndAsync();

        Assert.Equal((1, ""), (code, output));
        await UntilAsync(() => stopped.Error.Contains("Interrupted; what was fetched stays", StringComparison.Ordinal));
        Assert.Equal(Stall, new FileInfo(Model + ".partial").Length);
    }

    private static byte[] Bytes()
    {
        var bytes = new byte[1_000_000];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private Task ReachedAsync() => UntilAsync(() => new FileInfo(Model + ".partial") is { Exists: true, Length: Stall });

    private static async Task UntilAsync(Func<bool> state)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!state())
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
    }
}
