using Spectre.Console.Rendering;

namespace GpuStack.Operator.Reporting;

/// <summary>Something that is drawn no wider than a number of cells, however wide the terminal is: long lines are hard to read.</summary>
internal sealed class Narrowed(IRenderable inner, int cells) : IRenderable
{
    public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, Math.Min(maxWidth, cells));

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => inner.Render(options, Math.Min(maxWidth, cells));
}
