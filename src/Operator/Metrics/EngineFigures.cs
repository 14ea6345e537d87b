using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Status;
using GpuStack.Operator.Supervision.Output;

namespace GpuStack.Operator.Metrics;

/// <summary>What the pods of one deployment said of themselves. Pure.</summary>
/// <param name="Buffers">The engine's buffers by group, where it says them.</param>
/// <param name="Downloads">What the pods that fetch the model have of it.</param>
internal sealed record EngineFigures(ImmutableDictionary<int, EngineBuffers> Buffers, ImmutableArray<DownloadReport> Downloads)
{
    /// <summary>Nobody said anything.</summary>
    public static EngineFigures None { get; } = new(ImmutableDictionary<int, EngineBuffers>.Empty, []);

    public static EngineFigures Of(IEnumerable<V1Pod> pods, Func<V1Pod, EngineReport?> report)
    {
        var figures = None;
        foreach (var pod in pods)
        {
            if (report(pod) is not { } said)
                continue;
            if (said.Download is { } download)
                figures = figures with { Downloads = figures.Downloads.Add(download) };
            if (said.Buffers is { } buffers && int.TryParse(pod.Metadata.Labels?.GetValueOrDefault(GroupLabels.Group), NumberStyles.None, CultureInfo.InvariantCulture, out var group))
                figures = figures with { Buffers = figures.Buffers.SetItem(group, buffers) };
        }
        return figures;
    }
}
