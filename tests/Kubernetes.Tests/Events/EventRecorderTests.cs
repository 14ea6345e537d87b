using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Events;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

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
    public async Task AnEvent_HasAllThatTheApiAsksFor()
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
    public async Task Repetitions_BecomeASeries_WrittenAtOnceAndThenNowAndThen()
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
    public async Task ASeriesWhoseEventTheServerDropped_GoesOnInANewOne()
    {
        _memory.Intercept = request => request.Method == "PATCH" ? ScriptedAnswer.NotFound("e") : null;
        Record("hello");
        await _server.RequestAsync(r => r.Method == "POST");
        Record("hello");

        Assert.Equal(2, (int)(await _server.RequestAsync(r => r.Method == "POST")).Json["series"]!["count"]!);
    }

    [Fact]
    public async Task WhatIsLeft_IsWrittenAtTheEnd()
    {
        for (var i = 0; i < 5; i++) Record("hello");
        await _stop.CancelAsync();
        await _run;

        var entry = _memory.Get(_server.Requests.Where(r => r.Method == "PATCH").Select(r => r.Path).Last());
        Assert.Equal(5, (int)entry["series"]!["count"]!);
    }

    [Fact]
    public async Task LongNotes_AreCut_AndClusterScopedObjectsReportInDefault()
    {
        _recorder.Record(new V1Node { Kind = "Node", Metadata = { Name = "n" } }, EventType.Warning, "NotReady", "Watch", string.Concat(Enumerable.Repeat("ü😀", 1000)));
        var request = await _server.RequestAsync(r => r.Method == "POST");

        Assert.Equal(Events, request.Path);
        var note = request.Json["note"]!.ToString();
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(note), 1000, 1024);
        Assert.EndsWith("…", note, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', note);
    }

    private void Record(string note) => _recorder.Record(_map, EventType.Normal, "Planned", "Plan", note);
}
