using GpuStack.Operator.Commands.Generate;
using GpuStack.Operator.Metrics;

namespace GpuStack.Operator.Tests.Metrics;

public sealed class MetricsReferenceTests
{
    [Fact]
    public void Every_instrument_has_its_labels_told_and_nothing_else_has() =>
        Assert.Equal(MetricDescription.All().Select(metric => metric.Name), MetricLabels.Metrics.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_metric_says_what_it_is_and_is_named_as_Prometheus_asks() => Assert.All(MetricDescription.All(), metric =>
    {
        Assert.NotEqual("", metric.Meaning);
        Assert.Equal(metric.Type == "counter", metric.Name.EndsWith("_total", StringComparison.Ordinal));
        if (metric.Unit is "bytes" or "seconds")
            Assert.Contains($"_{metric.Unit}", metric.Name, StringComparison.Ordinal);
    });

    [Fact]
    public void The_committed_table_is_what_the_instruments_say() => Assert.Equal(
        File.ReadAllText(Path.Combine(Inputs.Root, MetricsReference.CommittedPath)), MetricsReference.GenerateMarkdown(), ignoreLineEndingDifferences: true);
}
