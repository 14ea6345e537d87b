using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Supervision.Output;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Operator.Tests.Supervision.Output;

public sealed class OutputWatchTests
{
    private const string Loaded = "INFO [gpu_model_runner.py:1801] Model loading took 14.2488 GiB and 5.173644 seconds";
    private const string Failed = "RuntimeError: NCCL error: unhandled system error";

    private readonly FakeTimeProvider _time = new();
    private readonly OutputWatch _watch;

    public OutputWatchTests()
    {
        _watch = new OutputWatch(null, _time);
        _watch.Start();
    }

    [Fact]
    public void AnEngineThatDiesWithinNcclsWords_IsAFailure_UntilTheNextOneEnds()
    {
        var said = _time.GetUtcNow();
        Say(Failed, "NCCL error: what that caused");
        _time.Advance(TimeSpan.FromSeconds(1));
        Say("Traceback (most recent call last):");
        Assert.Null(_watch.Read(ready: false).Failure);
        _watch.End(failed: true);
        Assert.Equal(new NcclFacts(false, Failed, said, null), _watch.Read(ready: false));
        _watch.Start();
        Assert.Equal(Failed, _watch.Read(ready: false).Failure);
        _watch.End(failed: true);
        Assert.Null(_watch.Read(ready: false).Failure);
    }

    [Fact]
    public void AFailure_IsPast_WhenTheNextEngineServes()
    {
        Say(Failed);
        _watch.End(failed: true);
        _watch.Start();
        Say(Failed);
        Assert.Equal(Failed, _watch.Read(ready: true).Failure);
        _watch.Serves();
        Assert.Null(_watch.Read(ready: true).Failure);
        _watch.End(failed: true);
        Assert.Equal(Failed, _watch.Read(ready: false).Failure);
    }

    [Fact]
    public void WordsThatAreLongPast_AreNotItsLast()
    {
        Say(Failed);
        Say([.. Enumerable.Repeat("serving", OutputRecord.LastLines - 1)]);
        _watch.End(failed: true);
        Assert.Equal(Failed, _watch.Read(ready: false).Failure);
        _watch.Start();
        Say(Failed);
        Say([.. Enumerable.Repeat("serving", OutputRecord.LastLines)]);
        _watch.End(failed: true);
        Assert.Null(_watch.Read(ready: false).Failure);
    }

    [Fact]
    public void WhatAnEngineSaysThatWasAskedToStop_IsNoFailure()
    {
        Say(Failed);
        _watch.End(failed: false);
        Assert.Null(_watch.Read(ready: false).Failure);
    }

    [Fact]
    public void ManyFailures_AreForgottenFromTheFront()
    {
        Say([.. Enumerable.Range(0, 1000).Select(i => $"NCCL error {i}")]);
        _watch.End(failed: true);
        Assert.Equal("NCCL error 968", _watch.Read(ready: false).Failure);
    }

    [Fact]
    public void AHang_IsSilenceAfterTheWeights_OfAnEngineThatIsNotReady()
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(_watch.Read(ready: false).Hang);
        Say(Loaded);
        _time.Advance(TimeSpan.FromMinutes(5));
        Say("No available shared memory broadcast block found in 60 seconds.");
        Assert.Equal(new NcclFacts(true, null, null, TimeSpan.FromMinutes(5)), _watch.Read(ready: false));
        Assert.Null(_watch.Read(ready: true).Hang);
        Say("Capturing CUDA graphs");
        Assert.Equal(TimeSpan.Zero, _watch.Read(ready: false).Hang);
        _watch.End(failed: true);
        Assert.Equal(new NcclFacts(true, null, null, null), _watch.Read(ready: false));
        _watch.Start();
        Assert.False(_watch.Read(ready: false).WeightsLoaded);
    }

    /// <summary>Against cutting the whole at once: however the bytes are torn apart, the same lines come out, each within its bound.</summary>
    [Fact]
    public void AnyBytes_AreCutIntoTheSameLines()
    {
        var chunk = Gen.Frequency(
            (3, ArbMap.Default.GeneratorFor<byte[]>()),
            (2, Gen.Elements("NCCL error: x\n", "a\r\nb", "\n", "ü", "Load weight end").Select(Encoding.UTF8.GetBytes)),
            (1, Gen.Choose(LineAssembler.MaxLine - 2, 3 * LineAssembler.MaxLine).Select(length => Enumerable.Repeat((byte)'x', length).ToArray())));
        Prop.ForAll(chunk.ListOf().ToArbitrary(), chunks =>
        {
            var lines = new List<string>();
            var assembler = new LineAssembler();
            foreach (var bytes in chunks)
                assembler.Add(bytes, lines.Add);
            assembler.End(lines.Add);
            var expected = Split([.. chunks.SelectMany(bytes => bytes)]);
            Assert.Equal(expected, lines);
            var watch = new OutputWatch("secret", _time);
            watch.Start();
            lines.ForEach(watch.Observe);
            watch.End(failed: true);
            var facts = watch.Read(ready: false);
            Assert.True(facts.Failure is null || facts.Failure.Length <= SecretCut.MaxLength);
            return true;
        }).QuickCheckThrowOnFailure();
    }

    private static List<string> Split(byte[] bytes)
    {
        var lines = new List<string>();
        var start = 0;
        for (var i = 0; i <= bytes.Length; i++)
        {
            if (i < bytes.Length && bytes[i] is not ((byte)'\n' or (byte)'\r'))
                continue;
            if (i > start)
                lines.Add(Encoding.UTF8.GetString(bytes, start, Math.Min(i - start, LineAssembler.MaxLine)));
            start = i + 1;
        }
        return lines;
    }

    private void Say(params string[] lines)
    {
        foreach (var line in lines)
            _watch.Observe(line);
    }
}
