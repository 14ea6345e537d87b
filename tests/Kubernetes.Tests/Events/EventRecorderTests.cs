using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Events;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace GpuStack.Kubernetes.Tests.Events;

public sealed class EventRecorderTests : IAsyncLifetime
{
    private const string Events = "/apis/events.k8s.io/v1/namespaces/default/events";

    private readonly TestClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly V1ConfigMap _map = new() { ApiVersion = "v1", Kind = "ConfigMap", Metadata = { Name = "m", Namespace = "default", Uid = "u" } };
    private ScriptedServer _server = null!;
    private MemoryServer _memory = null!;
    private KubernetesClient _client = null!;
    private EventRecorder _recorder = null!;
    private Task _run = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _memory = new MemoryServer(_server);
        _client = _server.CreateClient(_clock);
        var options = new EventRecorderOptions { ReportingController = "gpustack.io/operator", ReportingInstance = "op-0" };
        _recorder = new EventRecorder(_client, options, _clock, NullLoggerFactory.Instance);
        _run = _recorder.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(30));
        _client.Dispose();
        _stop.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Point40_AnEvent_HasAllThatTheApiAsksFor()
    {
        Record("hello");
        var request = await _server.RequestAsync(r => r.Method == "POST");

        Assert.Equal(Events, request.Path);
        var entry = request.Json;
        Assert.Matches(@"^m\.[0-9a-f]{16}$", entry["metadata"]!["name"]!.ToString());
        Assert.Equal("2026-11-22T00:00:00.000000Z", entry["eventTime"]!.ToString());
        Assert.Equal(
            """{"apiVersion":"v1","kind":"ConfigMap","namespace":"default","name":"m","uid":"u"}""",
            entry["regarding"]!.ToJsonString());
        Assert.Equal(
            ("gpustack.io/operator", "op-0", "Plan", "Planned", "Normal", "hello"),
            (entry["reportingController"]!.ToString(), entry["reportingInstance"]!.ToString(), entry["action"]!.ToString(), entry["reason"]!.ToString(), entry["type"]!.ToString(), entry["note"]!.ToString()));
        Assert.Null(entry["series"]);
    }

    [Fact]
    public async Task Point40_Repetitions_BecomeASeries_WrittenAtOnceAndThenNowAndThen()
    {
        Record("hello");
        var name = (await _server.RequestAsync(r => r.Method == "POST")).Json["metadata"]!["name"]!.ToString();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Record("hello");
        var patch = await _server.RequestAsync(r => r.Method == "PATCH");
        Assert.Equal($"{Events}/{name}", patch.Path);
        Assert.Equal("""{"series":{"count":2,"lastObservedTime":"2026-11-22T00:00:01.000000Z"}}""", patch.Body);

        for (var i = 0; i < 10; i++) Record("hello");
        Record("another note is another event");
        await _server.RequestAsync(r => r.Method == "POST");
        Assert.Single(_server.Requests, r => r.Method == "PATCH");
        // The first tick comes 29 s after that patch, and so does nothing; the second writes.
        _clock.Advance(TimeSpan.FromSeconds(29));
        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(12, (int)(await _server.RequestAsync(r => r.Method == "PATCH")).Json["series"]!["count"]!);
    }

    [Fact]
    public async Task Point40_ASeriesWhoseEventTheServerDropped_GoesOnInANewOne()
    {
        _memory.Intercept = request => request.Method == "PATCH" ? ScriptedAnswer.NotFound("e") : null;
        Record("hello");
        await _server.RequestAsync(r => r.Method == "POST");
        Record("hello");

        Assert.Equal(2, (int)(await _server.RequestAsync(r => r.Method == "POST")).Json["series"]!["count"]!);
    }

    [Fact]
    public async Task Point37_WhatIsLeft_IsWrittenAtTheEnd()
    {
        for (var i = 0; i < 5; i++) Record("hello");
        await _stop.CancelAsync();
        await _run;

        var entry = _memory.Get(_server.Requests.Where(r => r.Method == "PATCH").Select(r => r.Path).Last());
        Assert.Equal(5, (int)entry["series"]!["count"]!);
    }

    [Fact]
    public async Task Point40_LongNotes_AreCut_AndClusterScopedObjectsReportInDefault()
    {
        _recorder.Record(new V1Node { Kind = "Node", Metadata = { Name = "n" } }, EventType.Warning, "NotReady", "Watch", string.Concat(Enumerable.Repeat("ü😀", 1000)));
        var request = await _server.RequestAsync(r => r.Method == "POST");

        Assert.Equal(Events, request.Path);
        var note = request.Json["note"]!.ToString();
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(note), 1000, 1024);
        Assert.EndsWith("…", note, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', note);
    }

    [Theory]
    [InlineData(0, "2026-11-22T00:00:00.000000Z")]
    [InlineData(1, "2026-11-22T00:00:00.000000Z")]
    [InlineData(10, "2026-11-22T00:00:00.000001Z")]
    [InlineData(1_234_567, "2026-11-22T00:00:00.123456Z")]
    [InlineData(9_999_999, "2026-11-22T00:00:00.999999Z")]
    [InlineData(5_000_000, "2026-11-22T00:00:00.500000Z")]
    public async Task Point40_Times_HaveExactlySixFractionDigits(long ticks, string text)
    {
        _clock.Advance(TimeSpan.FromTicks(ticks));
        Record("hello");
        Assert.Contains($"\"eventTime\":\"{text}\"", Compact(await _server.RequestAsync(r => r.Method == "POST")), StringComparison.Ordinal);
        Record("hello");
        Assert.Contains($"\"lastObservedTime\":\"{text}\"", Compact(await _server.RequestAsync(r => r.Method == "PATCH")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Point40_EveryText_IsWithinItsBound()
    {
        var word = string.Concat(Enumerable.Repeat("ü", 100));
        _recorder.Record(_map, EventType.Normal, word, "", "n");
        var entry = (await _server.RequestAsync(r => r.Method == "POST")).Json;

        Assert.Equal((string.Concat(Enumerable.Repeat("ü", 64)), "Unknown"), (entry["reason"]!.ToString(), entry["action"]!.ToString()));
        Assert.Equal(128, System.Text.Encoding.UTF8.GetByteCount(EventText.Word(new string('x', 127) + "ü") + "x"));
        Assert.Equal(new string('i', 128), EventText.Word(new string('i', 300)));
        Assert.Throws<ArgumentException>(() => new EventRecorder(_client, new EventRecorderOptions { ReportingController = "", ReportingInstance = "i" }, _clock, NullLoggerFactory.Instance));
    }

    [Theory]
    [InlineData("m", "m.ff")]
    [InlineData("system:node", "system-node.ff")]
    [InlineData("UPPER", "upper.ff")]
    [InlineData("a-.-b.", "a.b.ff")]
    [InlineData(":::", "unnamed.ff")]
    [InlineData(null, "unnamed.ff")]
    public void Point40_Names_AreThoseOfAnObject(string? regarding, string name) => Assert.Equal(name, EventText.Name(regarding, 255));

    [Fact]
    public void Point40_LongNames_LeaveRoomForTheMoment() =>
        Assert.Matches("^a{1,236}\\.[0-9a-f]{1,16}$", EventText.Name(new string('a', 300), long.MaxValue));

    [Fact]
    public async Task Point40_AFloodOfIdenticalEvents_IsOneSeries()
    {
        for (var i = 0; i < 900; i++) Record("hello");
        await _stop.CancelAsync();
        await _run;

        // A request that the stop cut off is sent again, under the same name.
        Assert.Single(_server.Requests.Where(r => r.Method == "POST").Select(r => (string)r.Json["metadata"]!["name"]!).Distinct());
        Assert.InRange(_server.Requests.Count(r => r.Method == "PATCH"), 1, 3);
        Assert.Equal(900, (int)_server.Requests.Last(r => r.Method == "PATCH").Json["series"]!["count"]!);
    }

    [Fact]
    public async Task Point40_AFloodOfDifferentEvents_IsBounded_AndNeverBlocks()
    {
        using var log = new Hosting.RecordingLoggers();
        var options = new EventRecorderOptions { ReportingController = "c", ReportingInstance = "i", MaxWaiting = 100, MaxSeries = 16 };
        var recorder = new EventRecorder(_client, options, _clock, log);
        // Nothing is written yet: whatever does not fit into the line is dropped.
        for (var i = 0; i < 5000; i++) recorder.Record(_map, EventType.Normal, "Planned", "Plan", $"note {i}");
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await recorder.RunAsync(stop.Token);

        Assert.Equal(100, _server.Requests.Count(r => r.Method == "POST"));
        Assert.InRange(recorder.SeriesCount, 1, 16);
        Assert.Equal((1, 1), (log.Count(402), log.Count(403)));
        Assert.Contains("4899 more events were dropped", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Point40_WhatTheServerRefuses_IsNotTriedAgain()
    {
        _memory.Intercept = r => r.Method == "POST" && r.Body.Contains("refused", StringComparison.Ordinal)
            ? ScriptedAnswer.Failure(403, "Forbidden", "events is forbidden: unable to create new content in namespace default because it is being terminated")
            : null;
        Record("refused");
        Record("next");

        await _server.RequestAsync(r => r.Body.Contains("next", StringComparison.Ordinal));
        Assert.Single(_server.Requests, r => r.Body.Contains("refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Point40_AnUnforeseenFailure_DoesNotEndTheRecorder()
    {
        var client = Substitute.For<IKubernetesClient>();
        var written = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.CreateAsync(Arg.Any<EventsV1Event>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            var entry = call.Arg<EventsV1Event>();
            if (entry.Note == "broken") throw new InvalidDataException("what nobody foresaw");
            written.TrySetResult(entry.Note);
            return entry;
        });
        var recorder = new EventRecorder(client, new EventRecorderOptions { ReportingController = "c", ReportingInstance = "i" }, _clock, NullLoggerFactory.Instance);
        using var stop = new CancellationTokenSource();
        var run = recorder.RunAsync(stop.Token);
        recorder.Record(_map, EventType.Normal, "Planned", "Plan", "broken");
        recorder.Record(_map, EventType.Normal, "Planned", "Plan", "next");

        Assert.Equal("next", await written.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task Point40_AServerThatIsAway_IsTriedAgain_ThenTheEventIsDropped()
    {
        var away = 1;
        _memory.Intercept = r => r.Method == "POST" && Volatile.Read(ref away) == 1 ? ScriptedAnswer.Failure(503, "ServiceUnavailable", "apiserver is shutting down") : null;
        // Its tick is further away than any retry.
        var options = new EventRecorderOptions { ReportingController = "c", ReportingInstance = "i", SeriesInterval = TimeSpan.FromHours(1) };
        var recorder = new EventRecorder(_client, options, _clock, NullLoggerFactory.Instance);
        await _stop.CancelAsync();
        await _run;
        using var stop = new CancellationTokenSource();
        var run = recorder.RunAsync(stop.Token);
        recorder.Record(_map, EventType.Normal, "Planned", "Plan", "first");
        await _server.RequestAsync(r => r.Method == "POST");
        recorder.Record(_map, EventType.Normal, "Planned", "Plan", "second");
        for (var i = 1; i < 12; i++)
        {
            Assert.Equal(i, _server.Requests.Count(r => r.Body.Contains("first", StringComparison.Ordinal)));
            Assert.InRange(await _clock.ElapseAsync(IsRetry), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(12.5));
            await _server.RequestAsync(r => r.Method == "POST");
        }

        // It was the twelfth: the next event has its turn.
        await _server.RequestAsync(r => r.Body.Contains("second", StringComparison.Ordinal));
        Assert.Equal(12, _server.Requests.Count(r => r.Body.Contains("first", StringComparison.Ordinal)));
        await _clock.TimerAsync(IsRetry);
        Volatile.Write(ref away, 0);
        await _clock.ElapseAsync(IsRetry);
        await _server.RequestAsync(r => r.Body.Contains("second", StringComparison.Ordinal));
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Point37_AnEventThatWaitsForItsNextTry_IsTriedOnceMoreAtTheEnd()
    {
        var away = 1;
        _memory.Intercept = r => r.Method == "POST" && Volatile.Read(ref away) == 1 ? ScriptedAnswer.Failure(503, "ServiceUnavailable", "not yet") : null;
        Record("hello");
        Record("hello");
        await _clock.TimerAsync(IsRetry);
        Volatile.Write(ref away, 0);
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(2, (int)_memory.Get(_server.Requests.Last(r => r.Method == "PATCH").Path)["series"]!["count"]!);
    }

    [Fact]
    public async Task Point37_TheEnd_IsBounded_WhenTheServerDoesNotAnswer()
    {
        _server.Answer = _ => null;
        Record("hello");
        await _server.RequestAsync(r => r.Method == "POST");
        await _stop.CancelAsync();
        await _clock.ElapseAsync(due => due == TimeSpan.FromSeconds(5));

        await _run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static bool IsRetry(TimeSpan due) => due >= TimeSpan.FromSeconds(10) && due <= TimeSpan.FromSeconds(12.5);

    private static string Compact(RecordedRequest request) => request.Json.ToJsonString();

    private void Record(string note) => _recorder.Record(_map, EventType.Normal, "Planned", "Plan", note);
}
