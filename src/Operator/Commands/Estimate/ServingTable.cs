using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Operator.Reporting;
using Spectre.Console;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>An estimate for vLLM or SGLang as people read it.</summary>
internal static class ServingTable
{
    public static void Write(TextWriter output, ServingReport report)
    {
        IAnsiConsole console = PlanTree.Console(output);
        MemoryEstimate memory = report.Estimate.Memory;
        Line(console, $"[bold]{memory.Model}[/]  {memory.Architecture}, {memory.Layers} layers, {memory.Parameters / 1e9:0.0} billion parameters");
        Line(console, $"{report.Engine} {report.Version}: {report.Demand.Requests} request(s) of {report.Demand.ContextLength} tokens");
        if (memory.UpperBound)
        {
            Line(console, $"[yellow]The architecture {memory.Architecture} is not known: weights are an upper bound.[/]");
        }

        EstimateTable.Devices(console, memory.Devices);
        ImmutableArray<Bytes> each = report.MemoryIsAssumed ? [] : [.. memory.Devices.Where(device => device.Index is not null).Select(_ => report.Memory)];
        EstimateTable.Bars(console, memory.Devices, each, each);
        console.WriteLine("overhead: CUDA context, NCCL and kernels, a stated margin; KV cache: what the requests need, the engine books more");
        if (report.MemoryIsAssumed)
        {
            Line(console, $"batches are those of a GPU of {report.Memory}; name yours with --gpu-memory to see what fits");
            return;
        }

        console.WriteLine();
        Line(console, report.Estimate.Reason is { } reason ? (FormattableString)$"[red]does not fit[/]: {reason}" : $"[green]fits[/]");
        Line(console, $"cache: {report.Estimate.CacheTokens} tokens; largest request: {report.Estimate.LargestContext} tokens; at a time: {report.Estimate.MaxConcurrency:0.##} of {report.Demand.ContextLength} tokens");
    }

    private static void Line(IAnsiConsole console, FormattableString text) => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, text);
}
