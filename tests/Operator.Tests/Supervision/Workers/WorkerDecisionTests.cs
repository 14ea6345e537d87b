using System.Collections.Immutable;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Supervision.Rpc;
using GpuStack.Operator.Supervision.Workers;

namespace GpuStack.Operator.Tests.Supervision.Workers;

public sealed class WorkerDecisionTests
{
    private const long Gib = 1L << 30;
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly RpcVersion Ours = new(8, 1);

    [Theory]
    [InlineData("a.b:50052", "a.b", 50052, new long[0])]
    [InlineData("a:1=5", "a", 1, new long[] { 5 })]
    [InlineData("[::1]:50052=1,2,3", "::1", 50052, new long[] { 1, 2, 3 })]
    public void AWorker_IsRead(string text, string host, int port, long[] needs)
    {
        var worker = WorkerEndpoint.Parse(text);
        Assert.Equal((host, port), (worker.Host, worker.RpcPort));
        Assert.Equal(needs, worker.NeedBytes);
        Assert.StartsWith(worker.ToString(), text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData(":5")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a:5=")]
    [InlineData("a:5=1,")]
    [InlineData("a:5=-1")]
    [InlineData("a b:5")]
    [InlineData("http://a:5")]
    public void OtherText_IsNoWorker(string text) =>
        Assert.Contains("--worker", Assert.Throws<InputException>(() => WorkerEndpoint.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(8, 0, null)]
    [InlineData(8, 1, null)]
    [InlineData(8, 2, "worker w:1 (RPC 8.2.0) speaks a newer minor version than the leader's 8.1.0; run both from one image")]
    [InlineData(7, 0, "worker w:1 (RPC 7.0.0) speaks another major version than the leader's 8.1.0; run both from one image")]
    public void TheVersion_IsJudgedAsTheClientWould(int major, int minor, string? problem) =>
        Assert.Equal(problem, WorkerJudge.Problem(WorkerEndpoint.Parse("w:1"), Ours, new RpcReport(new RpcVersion(major, minor), [])));

    [Theory]
    [InlineData(7, 0, null)]
    [InlineData(7, 1, "worker w:1 (RPC 7.1.0) speaks another version than worker v:1 (RPC 7.0.0); run all from one image")]
    [InlineData(8, 0, "worker w:1 (RPC 8.0.0) speaks another version than worker v:1 (RPC 7.0.0); run all from one image")]
    public void WithoutTheLeadersVersion_AllWorkersMustSpeakOne(int major, int minor, string? problem) =>
        Assert.Equal(problem, WorkerJudge.Problem(WorkerEndpoint.Parse("w:1"), null, new RpcReport(new RpcVersion(major, minor), []), (WorkerEndpoint.Parse("v:1"), new RpcVersion(7, 0))));

    [Fact]
    public void MissingMemory_IsNamedWithWorkerVersionAndBytes()
    {
        var report = new RpcReport(new RpcVersion(8, 0), [new DeviceMemory(8 * (ulong)Gib, 16 * (ulong)Gib), new DeviceMemory((ulong)Gib, 16 * (ulong)Gib)]);
        Assert.Null(WorkerJudge.Problem(WorkerEndpoint.Parse($"w:1={8 * Gib},{Gib}"), Ours, report));
        Assert.Equal(
            "worker w:1 (RPC 8.0.0) has 1 GiB free on device 1 and the plan needs 1.5 GiB: 536870912 bytes (512 MiB) are missing; something else uses the GPU",
            WorkerJudge.Problem(WorkerEndpoint.Parse($"w:1={8 * Gib},{Gib + (Gib / 2)}"), Ours, report));
        Assert.Equal("worker w:1 (RPC 8.0.0) has 2 devices where the plan counts on 1", WorkerJudge.Problem(WorkerEndpoint.Parse("w:1=5"), Ours, report));
    }

    [Fact]
    public void TheRoll_NamesWhoIsMissing_Why_AndSinceWhen()
    {
        var roll = WorkersRoll.Of([WorkerEndpoint.Parse("a:1"), WorkerEndpoint.Parse("b:1"), WorkerEndpoint.Parse("c:1")]);
        Assert.False(roll.Complete);
        roll = roll.Observe(Noon, [Ready(Noon), WorkerAnswer.None("its name does not resolve yet"), Ready(Noon) with { Running = false, Message = "exited with 1" }]);
        roll = roll.Observe(Noon.AddSeconds(30), [Ready(Noon), WorkerAnswer.None("its supervisor does not listen"), Ready(Noon) with { Listening = false }]);
        Assert.Equal(
            "waiting for 2 of 3 workers: b:1 since 12:00:00Z (its supervisor does not listen), c:1 since 12:00:00Z (its engine does not listen yet)",
            roll.Message);
        roll = roll.Observe(Noon.AddSeconds(31), [WorkerAnswer.None("x"), Ready(Noon), Ready(Noon)]);
        Assert.Equal("waiting for 1 of 3 workers: a:1 since 12:00:31Z (x)", roll.Message);
        Assert.True(roll.Observe(Noon.AddSeconds(32), [Ready(Noon), Ready(Noon), Ready(Noon)]).Complete);
    }

    [Fact]
    public void TheRoll_OfManyWorkers_StaysShort()
    {
        var workers = Enumerable.Range(0, 100).Select(i => WorkerEndpoint.Parse($"w{i}:1")).ToImmutableArray();
        var roll = WorkersRoll.Of(workers).Observe(Noon, [.. workers.Select(_ => WorkerAnswer.None("x"))]);
        Assert.StartsWith("waiting for 100 of 100 workers: w0:1", roll.Message, StringComparison.Ordinal);
        Assert.EndsWith("and 96 more", roll.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunningEngine_LosesAWorkerThatRestartedOrLostItsEngine_AtOnce()
    {
        var watch = Watch(TimeSpan.FromSeconds(10));
        Assert.Null(watch.Observe(TimeSpan.Zero, [Ready(Noon), Ready(Noon)]).Lost);
        Assert.Equal(
            "worker b:1 restarted its engine at 12:00:00.001Z",
            watch.Observe(TimeSpan.Zero, [Ready(Noon), Ready(Noon.AddMilliseconds(1))]).Lost);
        Assert.Equal(
            "worker a:1 lost its engine",
            watch.Observe(TimeSpan.Zero, [Ready(Noon) with { Running = false, StartTime = null }, Ready(Noon)]).Lost);
    }

    [Fact]
    public void ARunningEngine_BearsASilentWorker_ForItsGraceOnly()
    {
        var watch = Watch(TimeSpan.FromSeconds(10));
        ImmutableArray<WorkerAnswer> silent = [Ready(Noon), WorkerAnswer.None("x")];
        (watch, var lost) = watch.Observe(TimeSpan.FromSeconds(1), silent);
        Assert.Null(lost);
        (watch, lost) = watch.Observe(TimeSpan.FromSeconds(10.9), silent);
        Assert.Null(lost);
        Assert.Equal("worker b:1 is away for 10 s: x", watch.Observe(TimeSpan.FromSeconds(11), silent).Lost);
        // It answers again, and its grace begins anew.
        (watch, _) = watch.Observe(TimeSpan.FromSeconds(11), [Ready(Noon), Ready(Noon)]);
        (watch, _) = watch.Observe(TimeSpan.FromSeconds(12), silent);
        Assert.Null(watch.Observe(TimeSpan.FromSeconds(21), silent).Lost);
    }

    private static WorkerAnswer Ready(DateTimeOffset started) => new(null, Running: true, started, Listening: true, "");

    private static WorkersWatch Watch(TimeSpan grace) => WorkersWatch.Of([WorkerEndpoint.Parse("a:1"), WorkerEndpoint.Parse("b:1")], [Noon, Noon], grace);
}
