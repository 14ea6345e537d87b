using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Tests.Samples;

namespace GpuStack.Modeling.Tests.Gguf;

/// <summary>Whatever the bytes are, reading them ends in a header or in a <see cref="GgufFormatException"/>, in bounded memory.</summary>
public class GgufFuzzTests
{
    private const long Bound = 8 << 20;

    [Fact]
    public void Random_bytes_never_do_worse_than_a_format_exception()
    {
        Gen<byte[]> bytes = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
            bytes.Select(tail => (byte[])[.. "GGUF\u0003\0\0\0"u8, .. tail]).ToArbitrary(), IsHandled));
    }

    [Fact]
    public void Mutated_headers_never_do_worse_than_a_format_exception()
    {
        byte[] sample = File.ReadAllBytes(Path.Combine(
            SampleFiles.Directory, "gpustack", "Llama-3.2-1B-Instruct-GGUF", "Llama-3.2-1B-Instruct-Q8_0.gguf"));
        Gen<(int Position, byte Value)[]> mutations = Gen.Choose(0, 2000)
            .SelectMany(position => Gen.Elements(0, 1, 9, 127, 128, 255), (position, value) => (position, (byte)value))
            .NonEmptyListOf().Select(list => list.ToArray());

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(mutations.ToArbitrary(), changes =>
        {
            byte[] mutated = [.. sample];
            foreach ((int position, byte value) in changes)
            {
                mutated[position] = value;
            }

            return IsHandled(mutated);
        }));
    }

    private static bool IsHandled(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            // The source answers at once, so the task is complete when it is returned.
            Task<GgufHeader> reading = GgufReader.ReadAsync(new BytesSource(bytes), cancellationToken: TestContext.Current.CancellationToken);
            Assert.True(reading.IsCompleted);
            LlamaCppModel model = LlamaCppModel.FromGguf(reading.GetAwaiter().GetResult());
            LlamaCppCosts costs = LlamaCppCosts.Create(model, new LlamaCppOptions { ContextLength = new Tokens(4096) });
            costs.Estimate(new DeviceSplit { LayersPerDevice = [costs.OffloadableLayers] });
        }
        catch (GgufFormatException)
        {
            // The expected end.
        }

        return GC.GetAllocatedBytesForCurrentThread() - before < Bound;
    }
}
