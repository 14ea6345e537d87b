using System.Collections.Concurrent;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Controllers.Engines;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Objects.Startup;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;
using GpuStack.Simulator.Timing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Tests.Controllers;

public sealed class EngineReportsTests : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _asked = [];
    private readonly WebApplication _pods;
    private string _answer = """{"engine": {"running": true, "restarts": 2, "lastExit": {"code": 1, "reason": "exit code 1"}}, "state": "BackingOff", "message": "starts again in 4 s", "nccl": {"failure": "NCCL error", "hangSeconds": 7}}""";

    public EngineReportsTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _pods = builder.Build();
        _pods.Run(context =>
        {
            _asked.Enqueue(context.Request.Path);
            return context.Response.WriteAsync(_answer);
        });
    }

    [Fact]
    public async Task A_pod_that_is_not_ready_is_asked_and_its_deployment_comes_back()
    {
        await using var run = await RunAsync();

        run.Reports.Follow(Event(Pod("m-0", ready: false)));
        await run.UntilAsync(() => run.Changed.Contains(new DeploymentKey("ns", "m")));

        var report = run.Reports.Of(Pod("m-0", ready: false));
        Assert.NotNull(report);
        Assert.Equal(("BackingOff", "starts again in 4 s", 2, "exit code 1"), (report.State, report.Message, report.Restarts, report.LastEnd));
        Assert.Equal(("NCCL error", TimeSpan.FromSeconds(7)), (report.NcclFailure, report.Hanging));
        Assert.Equal("/pods/ns/m-0", Assert.Single(_asked.Distinct()));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"engine": null, "state": null, "message": null, "nccl": null}""")]
    [InlineData("""{"engine": {"restarts": -5}, "nccl": {"hangSeconds": 9223372036854775807}, "state": "Novel"}""")]
    public async Task Whatever_a_pod_answers_does_no_harm(string answer)
    {
        _answer = answer;
        await using var run = await RunAsync();

        run.Reports.Follow(Event(Pod("m-0", ready: false)));
        await run.UntilAsync(() => _asked.Count >= 2);

        Assert.True(run.Reports.Of(Pod("m-0", ready: false)) is null or { Restarts: 0, GaveUp: false });
    }

    [Fact]
    public async Task A_pod_that_goes_takes_its_report_along()
    {
        await using var run = await RunAsync();
        run.Reports.Follow(Event(Pod("m-0", ready: false)));
        await run.UntilAsync(() => run.Reports.Of(Pod("m-0", ready: false)) is not null);

        run.Reports.Follow(Event(Pod("m-0", ready: false), InformerEventType.Deleted));

        Assert.Null(run.Reports.Of(Pod("m-0", ready: false)));
    }

    [Fact]
    public async Task A_pod_that_fetches_its_model_tells_how_far_it_is_and_its_deployment_stays_where_it_is()
    {
        _answer = """{"state": "Fetching", "download": {"thereBytes": 100, "totalBytes": 400, "bytesPerSecond": 12.5}}""";
        await using var run = await RunAsync();
        run.Reports.Follow(Event(Fetching("m-0")));
        await run.UntilAsync(() => run.Reports.Of(Fetching("m-0"))?.Download is not null);
        Assert.Equal(new DownloadReport(300, 12.5), run.Reports.Of(Fetching("m-0"))!.Download);

        _answer = """{"state": "Fetching", "download": {"thereBytes": 500, "totalBytes": 400, "bytesPerSecond": -1}}""";
        await run.UntilAsync(() => run.Reports.Of(Fetching("m-0"))?.Download == new DownloadReport(0, 0));
        Assert.Empty(run.Changed);

        // The engine's supervisor is asked soon, however rarely the one before was.
        _answer = """{"state": "Starting", "buffers": {"modelMiB": 10, "kvCacheMiB": -5, "computeMiB": 1e300, "hostMiB": 1}}""";
        run.Reports.Follow(Event(Pod("m-0", ready: false)));
        var waited = await run.UntilAsync(() => run.Reports.Of(Pod("m-0", ready: false))?.State == "Starting");
        Assert.True(waited <= TimeSpan.FromSeconds(3), $"{waited}");
        var buffers = run.Reports.Of(Pod("m-0", ready: false))!.Buffers!;
        Assert.Equal((10, 0), (buffers.Model, buffers.Cache));
        Assert.InRange(buffers.Compute, 1, 1e9);
        Assert.NotEmpty(run.Changed);
    }

    private static V1Pod Fetching(string name)
    {
        var pod = Pod(name, ready: false);
        pod.Status!.InitContainerStatuses = [new V1ContainerStatus { Name = ModelFetch.ContainerName, State = new V1ContainerState { Running = new V1ContainerStateRunning() } }];
        pod.Status.ContainerStatuses = null;
        return pod;
    }

    public async ValueTask DisposeAsync() => await _pods.DisposeAsync();

    private async Task<Run> RunAsync()
    {
        await _pods.StartAsync(TestContext.Current.CancellationToken);
        return new Run($"{_pods.Urls.First()}/pods/{{namespace}}/{{name}}");
    }

    private static InformerEvent<V1Pod> Event(V1Pod pod, InformerEventType type = InformerEventType.Added) => new(type, pod, null, IsInitial: false);

    private static V1Pod Pod(string name, bool ready) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Namespace = "ns", Uid = $"uid-{name}", Labels = new(StringComparer.Ordinal) { [GroupLabels.Deployment] = "m" } },
        Status = new V1PodStatus
        {
            Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False" }],
            ContainerStatuses = [new V1ContainerStatus { Name = EngineContainer.Name, State = new V1ContainerState { Running = new V1ContainerStateRunning() } }],
        },
    };

    private sealed class Run : IAsyncDisposable
    {
        private readonly VirtualClock _clock = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _run;

        public Run(string template)
        {
            Reports = new EngineReports(template, _clock) { Changed = deployment => Changed.Add(deployment) };
            _run = Reports.RunAsync(_stop.Token);
        }

        public EngineReports Reports { get; }

        public ConcurrentBag<DeploymentKey> Changed { get; } = [];

        public Task<TimeSpan> UntilAsync(Func<bool> condition) => _clock.UntilAsync(condition, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _run;
            Reports.Dispose();
            _stop.Dispose();
        }
    }
}
