using GpuStack.Faults.Plans;
using GpuStack.Faults.Serving;

namespace GpuStack.Kubernetes.Tests.Faults;

/// <summary>Each fault by itself: the informer ends equal to the server, and its handlers were told a consistent story on the way.</summary>
public sealed class FaultTests
{
    public static TheoryData<FaultKind, StreamingLists, bool> OpenWatchFaults { get; } = Cases(Fault.OfOpenWatches);

    public static TheoryData<FaultKind, StreamingLists, bool> AnswerFaults { get; } = Cases(Fault.OfAnswers);

    public static TheoryData<FaultKind, StreamingLists, bool> WatchFaults { get; } = Cases([.. Fault.OfAnswers, .. Fault.OfOpenWatches]);

    public static TheoryData<FaultKind> ListFaults { get; } = [.. Fault.OfAnswers, .. Fault.OfListBodies];

    [Theory]
    [MemberData(nameof(OpenWatchFaults))]
    public async Task AWatchThatFailsWhileOpen_IsMadeGood(FaultKind kind, StreamingLists streaming, bool compacted)
    {
        await using var run = await StartAsync(streaming);

        run.Server.Inject(kind);
        Change(run, compacted);
        await run.SettleAsync();

        Assert.Equal(1, run.Server.Counts.Faults[kind]);
    }

    [Theory]
    [MemberData(nameof(AnswerFaults))]
    public async Task AWatchThatIsRefused_IsMadeGood(FaultKind kind, StreamingLists streaming, bool compacted)
    {
        await using var run = await StartAsync(streaming);

        run.Plan.NextWatch(new Fault(kind));
        run.Server.Inject(FaultKind.Close);
        Change(run, compacted);
        await run.SettleAsync();

        Assert.Equal(1, run.Server.Counts.Faults[kind]);
    }

    /// <summary>The first watch is refused or fails after a few events: where streaming lists are served, that is in the middle of the list.</summary>
    [Theory]
    [MemberData(nameof(WatchFaults))]
    public async Task AFirstWatchThatFails_IsMadeGood(FaultKind kind, StreamingLists streaming, bool compacted)
    {
        await using var run = new FollowedServer(new FaultServerOptions { Streaming = streaming });
        Fill(run);
        run.Plan.NextWatch(new Fault(kind, AfterEvents: 4));
        var follower = run.Follow();
        await follower.Informer.InitialSync.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Change(run, compacted);
        await run.SettleAsync();

        // A refusal is answered by a list at once, and streaming is tried again next time.
        if (Fault.OfOpenWatches.Contains(kind)) Assert.Equal(streaming == StreamingLists.Served, run.Server.Counts.Streams > 0);
    }

    [Theory]
    [MemberData(nameof(ListFaults))]
    public async Task AFirstListThatFails_IsMadeGood(FaultKind kind)
    {
        await using var run = new FollowedServer(new FaultServerOptions { Streaming = StreamingLists.Forbidden });
        Fill(run);
        run.Plan.NextList(new Fault(kind));
        run.Follow();
        await run.SettleAsync();

        Assert.Equal(1, run.Server.Counts.Faults[kind]);
    }

    [Theory]
    [MemberData(nameof(ListFaults))]
    public async Task ARelistThatFails_IsMadeGood(FaultKind kind)
    {
        await using var run = await StartAsync(StreamingLists.Unsupported);

        run.Plan.NextList(new Fault(kind));
        run.Server.Inject(FaultKind.Close);
        Change(run, compacted: true);
        await run.SettleAsync();

        Assert.Equal(1, run.Server.Counts.Faults[kind]);
    }

    /// <summary>A list of the server's cache may lie behind what a watch has shown; only a list that is asked for in the right way may not.</summary>
    [Theory]
    [InlineData(StreamingLists.Served)]
    [InlineData(StreamingLists.Forbidden)]
    public async Task ACacheThatLags_NeverTurnsTheInformerBack(StreamingLists streaming)
    {
        await using var run = new FollowedServer(new FaultServerOptions { Streaming = streaming, Lag = 5, ExpiredAsStatus = true }, window: 8);
        Fill(run);
        run.Follow();
        run.Follow(label: "a");
        run.Follow("other");
        await run.SettleAsync();
        for (var round = 0; round < 20; round++)
        {
            run.Server.Inject(round % 2 == 0 ? FaultKind.ErrorExpired : FaultKind.Reset);
            for (var i = 0; i < 10; i++) run.Put($"c{(round + i) % 7}", $"{round}.{i}", team: i % 2 == 0 ? "a" : "b");
            run.Delete($"c{round % 5}");
            await run.SettleAsync();
        }
    }

    private static TheoryData<FaultKind, StreamingLists, bool> Cases(IEnumerable<FaultKind> kinds)
    {
        var cases = new TheoryData<FaultKind, StreamingLists, bool>();
        foreach (var kind in kinds)
        {
            cases.Add(kind, StreamingLists.Served, false);
            cases.Add(kind, StreamingLists.Forbidden, true);
        }

        return cases;
    }

    private static void Fill(FollowedServer run)
    {
        for (var i = 0; i < 12; i++) run.Put($"c{i}", "first", i % 3 == 0 ? "other" : "default");
    }

    private static async Task<FollowedServer> StartAsync(StreamingLists streaming)
    {
        var run = new FollowedServer(new FaultServerOptions { Streaming = streaming });
        Fill(run);
        run.Follow();
        await run.SettleAsync();
        // With a change through it, the watch is certainly open.
        run.Put("open", "yes");
        await run.SettleAsync();
        return run;
    }

    /// <summary>What happens while the watch is down; compacted, it can only be found out by a list.</summary>
    private static void Change(FollowedServer run, bool compacted)
    {
        run.Put("c1", "second");
        run.Delete("c2");
        run.Delete("c4");
        run.Put("c4", "again");
        run.Put("new", "first");
        if (compacted) run.Store.Compact();
        run.Put("c5", "second");
    }
}
