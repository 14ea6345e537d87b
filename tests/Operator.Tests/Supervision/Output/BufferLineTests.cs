using GpuStack.Operator.Supervision.Output;

namespace GpuStack.Operator.Tests.Supervision.Output;

/// <summary>Lines of llama-server 0.7.0 (build 11669) and of older builds, which write no times before them.</summary>
public sealed class BufferLineTests
{
    [Theory]
    [InlineData("0.00.084.598 I load_tensors:   CPU_Mapped model buffer size =   137.94 MiB", nameof(BufferKind.Model), "CPU_Mapped", 137.94, true)]
    [InlineData("0.00.084.616 I load_tensors: RPC0[127.0.0.1:53999] model buffer size =   373.71 MiB", nameof(BufferKind.Model), "RPC0[127.0.0.1:53999]", 373.71, false)]
    [InlineData("load_tensors:        CUDA0 model buffer size =  4403.49 MiB", nameof(BufferKind.Model), "CUDA0", 4403.49, false)]
    [InlineData("0.01.071.668 I llama_context:        CPU  output buffer size =     0.58 MiB", nameof(BufferKind.Output), "CPU", 0.58, true)]
    [InlineData("0.01.096.785 I llama_kv_cache: RPC0[127.0.0.1:53999] KV buffer size =     6.00 MiB", nameof(BufferKind.Cache), "RPC0[127.0.0.1:53999]", 6, false)]
    [InlineData("llama_memory_recurrent:      CUDA0 RS buffer size =    74.81 MiB", nameof(BufferKind.Cache), "CUDA0", 74.81, false)]
    [InlineData("0.01.117.896 I sched_reserve: RPC0[127.0.0.1:53999] compute buffer size =    36.01 MiB", nameof(BufferKind.Compute), "RPC0[127.0.0.1:53999]", 36.01, false)]
    [InlineData("sched_reserve:  CUDA_Host compute buffer size =    14.01 MiB", nameof(BufferKind.Compute), "CUDA_Host", 14.01, true)]
    public void A_buffer_is_read(string line, string kind, string device, double size, bool host)
    {
        var read = BufferLine.Of(line)!;

        Assert.Equal((kind, device, size, host), (read.Kind.ToString(), read.Device, read.MiB, read.IsHost));
    }

    [Theory]
    [InlineData("0.01.096.888 I llama_kv_cache: size =    6.00 MiB (   512 cells,  24 layers,  1/1 seqs), K (f16):    3.00 MiB, V (f16):    3.00 MiB")]
    [InlineData("0.00.056.918 I print_info: file size   = 373.71 MiB (6.35 BPW)")]
    [InlineData("load_tensors: CUDA0 model buffer size = 1.2.3 MiB")]
    [InlineData("load_tensors: CUDA0 model buffer size = 99999999999 MiB")]
    [InlineData("load_tensors: CUDA0 strange buffer size = 1 MiB")]
    [InlineData(" buffer size = ")]
    [InlineData("")]
    public void Other_lines_say_nothing(string line) => Assert.Null(BufferLine.Of(line));

    [Fact]
    public void Buffers_add_up_by_what_they_are_for_and_begin_anew_with_the_engine()
    {
        var watch = new OutputWatch(null, TimeProvider.System);
        Assert.Null(watch.Buffers);
        foreach (var line in (string[])["a: CUDA0 model buffer size = 10 MiB", "a: RPC0[h:1] model buffer size = 20 MiB", "a: CPU model buffer size = 5 MiB", "a: CUDA0 KV buffer size = 3 MiB", "a: CUDA0 compute buffer size = 2 MiB", "a: CPU output buffer size = 1 MiB"])
            watch.Observe(line);
        Assert.Equal(new EngineBuffers { Model = 30, Cache = 3, Compute = 2, Host = 6 }, watch.Buffers);

        watch.Start();
        Assert.Null(watch.Buffers);
    }
}
