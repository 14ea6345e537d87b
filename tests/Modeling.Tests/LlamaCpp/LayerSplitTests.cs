using FsCheck;
using FsCheck.Fluent;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Modeling.Tests.LlamaCpp;

public class LayerSplitTests
{
    [Theory]
    [InlineData(33, new float[] { 1 }, new[] { 33 })]
    [InlineData(33, new float[] { 1, 1 }, new[] { 17, 16 })]
    [InlineData(33, new float[] { 1, 1, 1 }, new[] { 11, 11, 11 })]
    [InlineData(33, new float[] { 8, 16 }, new[] { 11, 22 })]
    [InlineData(65, new float[] { 3, 1 }, new[] { 49, 16 })]
    [InlineData(65, new float[] { 5, 3, 2 }, new[] { 33, 19, 13 })]
    [InlineData(62, new float[] { 1, 1 }, new[] { 31, 31 })]
    [InlineData(10, new float[] { 0, 1, 0 }, new[] { 0, 10, 0 })]
    [InlineData(0, new float[] { 1, 1 }, new[] { 0, 0 })]
    public void Layers_go_where_llama_cpp_puts_them(int layers, float[] split, int[] expected) =>
        Assert.Equal(expected, LayerSplit.LayersPerDevice(layers, split));

    [Theory]
    [InlineData(new float[0])]
    [InlineData(new float[] { 0, 0 })]
    [InlineData(new float[] { 1, -1 })]
    [InlineData(new[] { 1, float.NaN })]
    [InlineData(new[] { 1, float.PositiveInfinity })]
    public void A_split_that_is_none_is_refused(float[] split) =>
        Assert.Throws<ArgumentException>(() => LayerSplit.LayersPerDevice(10, split));

    [Fact]
    public void Every_layer_has_one_device_and_counts_given_as_split_come_back()
    {
        Gen<int[]> counts = Gen.Choose(0, 40).NonEmptyListOf().Select(list => list.Take(12).ToArray()).Where(list => list.Sum() > 0);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(counts.ToArbitrary(), given =>
        {
            int layers = given.Sum();
            var result = LayerSplit.LayersPerDevice(layers, [.. given.Select(count => (float)count)]);
            return result.Sum() == layers && LayerSplit.Reproduces(given) == result.SequenceEqual(given);
        }));
    }
}
