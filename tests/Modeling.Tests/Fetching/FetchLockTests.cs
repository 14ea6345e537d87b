using GpuStack.Modeling.Fetching;

namespace GpuStack.Modeling.Tests.Fetching;

public sealed class FetchLockTests : IDisposable
{
    private readonly FetchFolder _fetching = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _fetching.Dispose();

    [Fact]
    public async Task Whoever_comes_second_waits_and_finds_the_files()
    {
        byte[] content = FetchHub.Content(100_000);
        await using FetchHub hub = await FetchHub.StartAsync(("model.gguf", content));
        using var waits = new ManualResetEventSlim();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Faults = (_, _) =>
        {
            began.TrySetResult();
            waits.Wait(TimeSpan.FromSeconds(30), Token);
            return null;
        };
        _fetching.Options = _fetching.Options with { Holder = "process 7 on node-a" };

        Task<FetchedModel> first = Task.Run(() => _fetching.RunAsync("hf://owner/repo", hub.Settings), Token);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        Task<FetchedModel>[] runs = [first, .. Enumerable.Range(0, 3).Select(_ => Task.Run(() => _fetching.RunAsync("hf://owner/repo", hub.Settings), Token))];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (_fetching.Lines.Count(line => line.StartsWith("Waiting for process 7 on node-a since ", StringComparison.Ordinal)) < 3)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }

        waits.Set();
        FetchedModel[] models = await Task.WhenAll(runs);
        Assert.Single(hub.Asked);
        Assert.Equal(3, models.Count(model => model.WasThere));
        Assert.Single(models.Select(model => model.Path).Distinct());
    }

    [Fact]
    public async Task What_a_crashed_process_left_holds_nobody_up()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("model.gguf", FetchHub.Content(1000)));
        string folder = Directory.CreateDirectory(Path.Combine(_fetching.Folder, "hf", "owner", "repo")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, ".lock"), "", Token);
        await File.WriteAllTextAsync(Path.Combine(folder, ".lock-holder"), "process 1 on a machine that is gone", Token);

        FetchedModel model = await _fetching.RunAsync("hf://owner/repo", hub.Settings);

        Assert.False(model.WasThere);
        Assert.DoesNotContain(_fetching.Lines, line => line.StartsWith("Waiting", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_finished_model_is_found_while_another_one_of_its_repository_comes()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("model.gguf", FetchHub.Content(1000)));
        FetchedModel model = await _fetching.RunAsync("hf://owner/repo", hub.Settings);
        using FetchLock held = await FetchLock.TakeAsync(CacheLayout.Of(_fetching.Request("hf://owner/repo"), hub.Settings), _fetching.Options, Token);

        FetchedModel found = await _fetching.RunAsync("hf://owner/repo", hub.Settings).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);

        Assert.Equal((model.Path, true), (found.Path, found.WasThere));
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        await using FetchHub hub = await FetchHub.StartAsync(("model.gguf", [1]));
        FetchRequest request = _fetching.Request("hf://owner/repo");
        CacheLayout layout = CacheLayout.Of(request, hub.Settings);
        Directory.CreateDirectory(layout.SourceFolder);
        using FetchLock held = await FetchLock.TakeAsync(layout, _fetching.Options, Token);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50), TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fetching.RunAsync(request, hub.Settings, stop.Token));
    }
}
