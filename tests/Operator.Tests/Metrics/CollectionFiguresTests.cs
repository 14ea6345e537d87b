using System.Runtime.CompilerServices;
using GpuStack.Operator.Metrics;

namespace GpuStack.Operator.Tests.Metrics;

public sealed class CollectionFiguresTests
{
    [Fact]
    public void All_readers_of_a_collection_have_the_same_figures_in_whatever_order_they_come()
    {
        var figures = new CollectionFigures<object>(() => new object());
        var (first, second) = (figures.Reader(), figures.Reader());
        var one = first();
        Assert.Same(one, second());

        var two = second();
        Assert.NotSame(one, two);
        Assert.Same(two, first());
    }

    [Fact]
    public void A_reader_that_asks_again_begins_the_next_collection_whoever_has_not_asked()
    {
        var figures = new CollectionFigures<object>(() => new object());
        var (first, second) = (figures.Reader(), figures.Reader());
        var one = first();
        var two = first();

        Assert.NotSame(one, two);
        Assert.Same(two, second());
    }

    [Fact]
    public void Nothing_is_kept_when_all_have_read()
    {
        var figures = new CollectionFigures<object>(() => new object());
        Func<object>[] readers = [figures.Reader(), figures.Reader()];
        var kept = Read(readers);
        GC.Collect();

        Assert.False(kept.TryGetTarget(out _));
        GC.KeepAlive(figures);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<object> Read(Func<object>[] readers) => new(readers.Select(read => read()).Distinct().Single());
}
