using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Metrics;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Status;
using GpuStack.Operator.Supervision.Output;

namespace GpuStack.Operator.Tests.Metrics;

public sealed class EngineFiguresTests
{
    [Fact]
    public void Buffers_are_those_of_each_group_and_downloads_those_of_all_pods()
    {
        V1Pod[] pods = [Pod("a", "0"), Pod("b", "0"), Pod("c", "1"), Pod("d", "many"), Pod("e", null), Pod("silent", "2")];
        var figures = EngineFigures.Of(pods, pod => pod.Metadata.Name switch
        {
            "a" => new EngineReport { Buffers = new EngineBuffers { Model = 10 } },
            "b" => new EngineReport { Download = new DownloadReport(300, 2.5) },
            "c" => new EngineReport { Buffers = new EngineBuffers { Model = 20 }, Download = new DownloadReport(100, 1) },
            "d" or "e" => new EngineReport { Buffers = new EngineBuffers { Model = 99 } },
            _ => null,
        });

        Assert.Equal([(0, 10d), (1, 20d)], figures.Buffers.OrderBy(pair => pair.Key).Select(pair => (pair.Key, (double)pair.Value.Model)));
        Assert.Equal([new DownloadReport(300, 2.5), new DownloadReport(100, 1)], figures.Downloads);
    }

    private static V1Pod Pod(string name, string? group) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = group is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { [GroupLabels.Group] = group } },
    };
}
