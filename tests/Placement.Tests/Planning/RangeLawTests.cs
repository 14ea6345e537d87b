using FsCheck;
using FsCheck.Fluent;
using GpuStack.Golden.Shapes;
using GpuStack.Modeling;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>What the planner's search takes for granted of the estimates of real models.</summary>
public sealed class RangeLawTests
{
    /// <summary>Dense, sliding windows, shared caches, latent attention, mixtures, and recurrent blocks of several kinds.</summary>
    [Theory]
    [InlineData("qwen3-8b-q4_k_m")]
    [InlineData("olmo-3-7b-q4_k_m")]
    [InlineData("gpt-oss-20b-mxfp4")]
    [InlineData("gemma-3n-e2b-q4_k_m")]
    [InlineData("gemma-4-e4b-q4_k_m")]
    [InlineData("deepseek-v2-lite-q4_k_m")]
    [InlineData("llama-4-scout-q4_k_m")]
    [InlineData("granite-4.0-h-tiny-q4_k_m")]
    [InlineData("jamba-reasoning-3b-q4_k_m")]
    [InlineData("lfm2-1.2b-q4_k_m")]
    [InlineData("rwkv7-2.9b-q8_0")]
    public async Task What_holds_a_range_of_layers_holds_it_without_the_last_one(string shape)
    {
        var model = await ModelAsync(shape);
        var ranges =
            from context in Gen.Elements(4096L, 131_072L)
            from first in Gen.Choose(0, model.BlockCount - 1)
            from last in Gen.Choose(first + 1, model.BlockCount)
            from devices in Gen.Elements(1, 4)
            from onHost in Gen.Elements(false, false, true)
            select (context, first, last, devices, onHost);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(ranges.ToArbitrary(), r =>
        {
            var costs = LlamaCppCosts.Create(model, new LlamaCppOptions { ContextLength = new Tokens(r.context) });
            Assert.True(
                costs.DeviceBytes(r.first, r.last - 1, r.onHost ? 0 : 1, r.devices, r.onHost) <= costs.DeviceBytes(r.first, r.last, r.onHost ? 0 : 1, r.devices, r.onHost));
        }));
    }

    private static async Task<LlamaCppModel> ModelAsync(string name)
    {
        var file = Path.Combine(CaseFiles.Root, "tests", "Modeling.Tests", "cases", "golden", "shapes", name + ".json");
        var (header, _) = ShapeHeader.Make(ModelShape.Read(file), vocabulary: false);
        return LlamaCppModel.FromGguf(await GgufReader.ReadAsync(new HeaderSource(header), GgufLimits.Default, TestContext.Current.CancellationToken));
    }

    private sealed class HeaderSource(byte[] bytes) : IByteRangeSource
    {
        public string Name => "header";

        public long? Length => bytes.Length;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
            bytes.AsMemory((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer);
            return ValueTask.FromResult(count);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
