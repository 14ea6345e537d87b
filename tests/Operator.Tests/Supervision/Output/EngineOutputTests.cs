using System.Globalization;
using System.Text;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Output;
using GpuStack.Operator.Supervision.Processes;

namespace GpuStack.Operator.Tests.Supervision.Output;

/// <summary>Real engines whose output is passed on and looked at.</summary>
public sealed class EngineOutputTests : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _error = new();
    private readonly OutputWatch _watch = new("s3cret", TimeProvider.System);

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task TheStreams_ArePassedOnByteForByte_AndTheEnginesLastWordsAreKept()
    {
        await using var run = Run("""
            head -c 300000 /dev/zero | tr '\0' '\377'
            printf 'a\0\r\nno end'
            printf 'NCCL error: unhandled system error, key s3cret\nlast' >&2
            exit 3
            """, _output, _error);
        Assert.Equal(3, await run.ExitAsync());
        byte[] expected = [.. Enumerable.Repeat((byte)255, 300_000), .. "a\0\r\nno end"u8];
        Assert.True(expected.AsSpan().SequenceEqual(_output.ToArray()));
        Assert.Equal("NCCL error: unhandled system error, key s3cret\nlast"u8.ToArray(), _error.ToArray());
        Assert.Equal("NCCL error: unhandled system error, key …", _watch.Read(ready: false).Failure);
    }

    [Fact]
    public async Task WhenNobodyReads_TheEngineGoesOn_AndIsWatchedAllTheSame()
    {
        using var broken = new BrokenStream();
        await using var run = Run("head -c 300000 /dev/zero; echo; echo 'Load weight end.'; exit 4", broken, _error);
        Assert.Equal(4, await run.ExitAsync());
        Assert.True(_watch.Read(ready: false).WeightsLoaded);
    }

    [Fact]
    public async Task WhatHoldsTheStreamsOpenAfterTheEnd_IsNotWaitedForLong()
    {
        await using var run = Run("sleep 1000 & echo $!; exit 5", _output, _error);
        Assert.Equal(5, await run.ExitAsync());
        PosixProcess.Signal(int.Parse(Encoding.ASCII.GetString(_output.ToArray()), CultureInfo.InvariantCulture), PosixProcess.SigKill);
    }

    private SupervisorRun Run(string script, Stream output, Stream error) =>
        new(SupervisorRun.Options(SupervisorRole.Worker, 1, script) with { Restart = false }, output: new EngineOutput(_watch, output, error));

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromException(new IOException("Broken pipe"));
    }
}
