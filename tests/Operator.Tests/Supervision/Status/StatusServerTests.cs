using System.Net;
using System.Text.Json;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Output;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Status;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Operator.Tests.Supervision.Status;

public sealed class StatusServerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(678901);
    private readonly SupervisorBoard _board = new();
    private readonly HttpClient _http = new();
    private StatusServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        var options = new SupervisorOptions { Role = SupervisorRole.Leader, Command = ["engine", "--api-key", "s3cret"], EnginePort = 8000, StatusPort = 0, ApiKey = "s3cret", StatusAddress = IPAddress.Loopback };
        _server = await StatusServer.StartAsync(_board, options, null, TestContext.Current.CancellationToken);
        _http.BaseAddress = new Uri($"http://127.0.0.1:{_server.Port}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Status_IsTheWholeTruth_AndNothingSecret()
    {
        _board.Update(_ => new SupervisorSnapshot
        {
            State = SupervisorState.Running,
            Engine = new RunningEngine(7, Start),
            Healthy = true,
            Restarts = 2,
            LastExit = new LastExit(new EngineExit(134), Start.AddSeconds(-1), "worker a:1 lost its engine"),
        });
        var text = await _http.GetStringAsync(new Uri("/status", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(text);
        Assert.Equal(
            """{"running":true,"pid":7,"startTime":"2026-01-02T03:04:05.678901Z","restarts":2,"lastExit":{"signal":6,"time":"2026-01-02T03:04:04.678901Z","reason":"worker a:1 lost its engine"}}""",
            json.RootElement.GetProperty("engine").GetRawText());
        Assert.Equal("Running", json.RootElement.GetProperty("state").GetString());
        Assert.Contains(json.RootElement.GetProperty("listening").EnumerateArray(), port => port.GetInt32() == _server.Port);
        Assert.Equal("", json.RootElement.GetProperty("message").GetString());
        Assert.NotEqual("", json.RootElement.GetProperty("version").GetString());
        Assert.Equal(Start, StatusDocument.ParseTime(json.RootElement.GetProperty("engine").GetProperty("startTime").GetString()));
    }

    [Fact]
    public async Task Status_TellsOfTheGroup_AndOfNccl()
    {
        var time = new FakeTimeProvider(Start);
        var output = new OutputWatch("s3cret", time);
        var options = new SupervisorOptions { Role = SupervisorRole.Member, Engine = SupervisedEngine.VLLM, Command = ["engine"], EnginePort = 8000, StatusPort = 0, StatusAddress = IPAddress.Loopback };
        await using var server = await StatusServer.StartAsync(_board, options, output, TestContext.Current.CancellationToken);
        output.Start();
        output.Observe("NCCL error: unhandled system error with s3cret");
        output.End(failed: true);
        output.Start();
        output.Observe("Load weight end.");
        time.Advance(TimeSpan.FromSeconds(300.9));
        _board.Update(_ => new SupervisorSnapshot { State = SupervisorState.Starting, Engine = new RunningEngine(7, Start), Epoch = Start.AddSeconds(-1), Started = Start.AddHours(-1) });
        using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{server.Port}/status"), TestContext.Current.CancellationToken));
        Assert.Equal("2026-01-02T03:04:04.678901Z", json.RootElement.GetProperty("epoch").GetString());
        Assert.Equal("2026-01-02T02:04:05.678901Z", json.RootElement.GetProperty("started").GetString());
        Assert.Equal("Member", json.RootElement.GetProperty("role").GetString());
        Assert.Equal(
            """{"weightsLoaded":true,"failure":"NCCL error: unhandled system error with \u2026","failureTime":"2026-01-02T03:04:05.678901Z","hangSeconds":300}""",
            json.RootElement.GetProperty("nccl").GetRawText());
        using var plain = JsonDocument.Parse(await _http.GetStringAsync(new Uri("/status", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.False(plain.RootElement.TryGetProperty("nccl", out _));
    }

    [Fact]
    public async Task Status_TellsOfTheBuffersOfALlamaCppEngineThatRuns_AndOfNoNccl()
    {
        var output = new OutputWatch(null, TimeProvider.System);
        var options = new SupervisorOptions { Role = SupervisorRole.Leader, Command = ["engine"], EnginePort = 8000, StatusPort = 0, StatusAddress = IPAddress.Loopback };
        await using var server = await StatusServer.StartAsync(_board, options, output, TestContext.Current.CancellationToken);
        output.Start();
        output.Observe("load_tensors: CUDA0 model buffer size = 100.25 MiB");
        output.Observe("llama_kv_cache: CUDA0 KV buffer size = 8.00 MiB");
        _board.Update(_ => new SupervisorSnapshot { State = SupervisorState.Running, Engine = new RunningEngine(7, Start) });
        using var running = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{server.Port}/status"), TestContext.Current.CancellationToken));
        Assert.Equal("""{"modelMiB":100.25,"kvCacheMiB":8,"computeMiB":0,"hostMiB":0}""", running.RootElement.GetProperty("buffers").GetRawText());
        Assert.False(running.RootElement.TryGetProperty("nccl", out _));

        _board.Update(_ => new SupervisorSnapshot { State = SupervisorState.BackingOff });
        using var ended = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{server.Port}/status"), TestContext.Current.CancellationToken));
        Assert.False(ended.RootElement.TryGetProperty("buffers", out _));
    }

    [Fact]
    public async Task Readiness_FollowsTheEngine_AndLivenessDoesNot()
    {
        _board.Update(current => current with { State = SupervisorState.BackingOff, Message = "the engine exited with 1; again in 1 s" });
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "BackingOff: the engine exited with 1; again in 1 s\n"), await GetAsync("/readyz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/livez"));
        _board.Update(_ => new SupervisorSnapshot { State = SupervisorState.Running, Engine = new RunningEngine(7, Start), Healthy = true });
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/readyz"));
        _board.Update(current => current with { State = SupervisorState.Stopping, Message = "asked to stop" });
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Stopping: asked to stop\n"), await GetAsync("/readyz"));
        // Nothing takes a stop back.
        _board.Update(current => current with { State = SupervisorState.Running });
        Assert.Equal(SupervisorState.Stopping, _board.Current.State);
    }

    [Fact]
    public async Task OnlyGetsOfTheThreePaths_AreAnswered()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/")).Status);
        using var post = await _http.PostAsync(new Uri("/status", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
