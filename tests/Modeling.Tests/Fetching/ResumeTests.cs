using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Fetching;

/// <summary>Whatever interrupts a download, the bytes that are there are not fetched twice, unless they are wrong.</summary>
public sealed class ResumeTests : IDisposable
{
    private const string Model = "hf://owner/repo";
    private const int Size = 400_000;

    private readonly FetchFolder _fetching = new();
    private readonly byte[] _content = FetchHub.Content(Size);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Partial => Path.Combine(_fetching.Folder, "hf", "owner", "repo", FetchHub.Commit, "model.gguf.partial");

    public void Dispose() => _fetching.Dispose();

    [Fact]
    public async Task A_cancelled_download_goes_on_from_its_last_byte()
    {
        await using FetchHub hub = await HubAsync();
        await InterruptAsync(hub, 150_000);
        Assert.Equal(150_000, new FileInfo(Partial).Length);

        await AssertFetchedAsync(hub);

        Assert.Equal([0, 150_000], hub.Asked.Select(asked => asked.From));
        Assert.False(File.Exists(Partial));
        Assert.False(File.Exists(Partial + ".json"));
    }

    [Fact]
    public async Task A_corrupted_partial_file_is_found_by_its_digest_and_fetched_again_once()
    {
        await using FetchHub hub = await HubAsync();
        await InterruptAsync(hub, 150_000);
        byte[] partial = await File.ReadAllBytesAsync(Partial, Token);
        partial[70_000] ^= 1;
        await File.WriteAllBytesAsync(Partial, partial, Token);

        await AssertFetchedAsync(hub);

        Assert.Equal([0, 150_000, 0], hub.Asked.Select(asked => asked.From));
    }

    [Fact]
    public async Task A_truncated_partial_file_goes_on_from_where_it_ends()
    {
        await using FetchHub hub = await HubAsync();
        await InterruptAsync(hub, 150_000);
        using (var stream = new FileStream(Partial, FileMode.Open))
        {
            stream.SetLength(1234);
        }

        await AssertFetchedAsync(hub);

        Assert.Equal([0, 1234], hub.Asked.Select(asked => asked.From));
    }

    [Fact]
    public async Task A_complete_partial_file_is_only_verified()
    {
        await using FetchHub hub = await HubAsync();
        await InterruptAsync(hub, 150_000);
        await File.WriteAllBytesAsync(Partial, _content, Token);

        FetchedModel model = await AssertFetchedAsync(hub);

        Assert.Equal(0, model.ReceivedBytes);
        Assert.Single(hub.Asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no json")]
    [InlineData("""{"size":400000,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","gitBlob":null,"entityTag":null}""")]
    [InlineData("""{"size":1,"sha256":null,"gitBlob":null,"entityTag":null}""")]
    public async Task A_partial_file_of_unknown_origin_is_thrown_away(string state)
    {
        await using FetchHub hub = await HubAsync();
        await InterruptAsync(hub, 150_000);
        await File.WriteAllTextAsync(Partial + ".json", state, Token);

        await AssertFetchedAsync(hub);

        Assert.Equal([0, 0], hub.Asked.Select(asked => asked.From));
    }

    [Fact]
    public async Task A_server_that_ignores_the_range_is_read_from_the_start()
    {
        await using FetchHub hub = await HubAsync();
        await InterruptAsync(hub, 150_000);
        hub.Faults = (_, _) => new Fault.IgnoreRange();

        FetchedModel model = await AssertFetchedAsync(hub);

        Assert.Equal(Size, model.ReceivedBytes);
        Assert.Contains(_fetching.Lines, line => line.Contains("from its start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_range_is_never_appended()
    {
        await using FetchHub hub = await HubAsync();
        hub.Faults = FetchHub.InTurn(new Fault.Cut(150_000), new Fault.WrongRange());

        await AssertFetchedAsync(hub);

        Assert.Equal([0, 150_000, 0], hub.Asked.Select(asked => asked.From));
    }

    [Fact]
    public async Task More_bytes_than_the_file_has_are_refused()
    {
        await using FetchHub hub = await HubAsync();
        hub.Faults = (_, _) => new Fault.TooMuch();

        var failure = await Assert.ThrowsAsync<ByteRangeException>(() => _fetching.RunAsync(Model, hub.Settings));

        Assert.Contains("more than the 400000 bytes", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(Partial).Length);
    }

    [Fact]
    public async Task Broken_connections_and_failures_that_pass_lose_no_byte()
    {
        await using FetchHub hub = await HubAsync();
        hub.Faults = FetchHub.InTurn(
            new Fault.Cut(100_000), new Fault.Status(503), new Fault.Cut(0), new Fault.Status(429, "1"), new Fault.Cut(100_000), new Fault.Status(500));

        FetchedModel model = await AssertFetchedAsync(hub);

        Assert.Equal([0, 100_000, 100_000, 100_000, 100_000, 200_000, 200_000], hub.Asked.Select(asked => asked.From));
        Assert.Equal(Size, model.ReceivedBytes);
        Assert.Contains(_fetching.Lines, line => line.EndsWith("Going on in 1 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_is_reset_goes_on_from_what_arrived()
    {
        await using FetchHub hub = await HubAsync();
        hub.Faults = FetchHub.InTurn(new Fault.Reset(100_000), new Fault.Reset(100_000));

        FetchedModel model = await AssertFetchedAsync(hub);

        Assert.Equal(3, hub.Asked.Count);
        Assert.Equal(Size, model.ReceivedBytes);
    }

    [Fact]
    public async Task A_silent_connection_is_given_up()
    {
        await using FetchHub hub = await HubAsync();
        hub.Faults = FetchHub.InTurn(new Fault.Stall(100_000));
        _fetching.Options = _fetching.Options with { Stall = TimeSpan.FromMilliseconds(300) };

        await AssertFetchedAsync(hub);

        Assert.Equal([0, 100_000], hub.Asked.Select(asked => asked.From));
    }

    [Fact]
    public async Task Failures_that_do_not_pass_end_with_their_sentence_and_leave_the_bytes()
    {
        await using FetchHub hub = await HubAsync();
        hub.Faults = (_, from) => from == 0 ? new Fault.Cut(100_000) : new Fault.Status(503);

        var failure = await Assert.ThrowsAsync<ByteRangeException>(() => _fetching.RunAsync(Model, hub.Settings));

        Assert.True(failure.IsTransient);
        Assert.Contains("503", failure.Message, StringComparison.Ordinal);
        Assert.Equal(100_000, new FileInfo(Partial).Length);
        Assert.Equal(1 + _fetching.Options.Retries.Attempts - 1, hub.Asked.Count);
    }

    [Fact]
    public async Task Wrong_content_is_an_error_and_never_gets_its_name()
    {
        await using FetchHub hub = await HubAsync();
        hub.Faults = (_, _) => new Fault.Corrupt();

        var failure = await Assert.ThrowsAsync<FetchException>(() => _fetching.RunAsync(Model, hub.Settings));

        Assert.Contains(FetchHub.Sha256(_content), failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, hub.Asked.Count);
        Assert.False(File.Exists(Partial[..^".partial".Length]));
    }

    [Fact]
    public async Task Too_little_room_is_said_before_anything_is_fetched()
    {
        await using FetchHub hub = await HubAsync();
        _fetching.Options = _fetching.Options with { FreeSpace = _ => Size - 1 };

        var failure = await Assert.ThrowsAsync<FetchException>(() => _fetching.RunAsync(Model, hub.Settings));

        Assert.Equal($"{_fetching.Folder}: 390.6 KiB are needed, and 390.6 KiB are free on its disk; free 1 B more, or give another --to.", failure.Message);
        Assert.Empty(hub.Asked);
    }

    [Fact]
    public async Task A_disk_that_fills_up_on_the_way_is_one_sentence()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "a device that is always full is Linux's");
        await using FetchHub hub = await HubAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(Partial)!);
        File.CreateSymbolicLink(Partial, "/dev/full");
        long?[] free = [1 << 20, 2048];
        int asked = 0;
        _fetching.Options = _fetching.Options with { FreeSpace = _ => free[Math.Min(asked++, 1)] };

        var failure = await Assert.ThrowsAsync<FetchException>(() => _fetching.RunAsync(Model, hub.Settings));

        Assert.Equal(
            $"{_fetching.Folder}: the disk is full: 390.6 KiB are still missing, and 2.0 KiB are free; free some, or give another --to.", failure.Message);
    }

    [Fact]
    public async Task Bytes_that_are_there_need_no_room()
    {
        await using FetchHub hub = await HubAsync();
        await InterruptAsync(hub, 150_000);
        _fetching.Options = _fetching.Options with { FreeSpace = _ => Size - 150_000 };

        await AssertFetchedAsync(hub);
    }

    private Task<FetchHub> HubAsync() => FetchHub.StartAsync(("model.gguf", _content));

    private async Task<FetchedModel> AssertFetchedAsync(FetchHub hub)
    {
        FetchedModel model = await _fetching.RunAsync(Model, hub.Settings);
        Assert.Equal(_content, await File.ReadAllBytesAsync(model.Path, Token));
        return model;
    }

    /// <summary>Cancels a download when so many bytes are on disk.</summary>
    private async Task InterruptAsync(FetchHub hub, int after)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        hub.Faults = (_, _) => new Fault.Stall(after);
        Task<FetchedModel> run = _fetching.RunAsync(_fetching.Request(Model), hub.Settings, stop.Token);
        await WaitAsync(() => new FileInfo(Partial) is { Exists: true } partial && partial.Length == after);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        hub.Faults = (_, _) => null;
    }

    private static async Task WaitAsync(Func<bool> state)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!state())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }
    }
}
