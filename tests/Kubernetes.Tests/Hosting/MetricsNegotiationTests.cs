using GpuStack.Kubernetes.Hosting;

namespace GpuStack.Kubernetes.Tests.Hosting;

public sealed class MetricsNegotiationTests
{
    [Theory]
    // Prometheus 2 and 3.
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", true)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1", true)]
    [InlineData("application/openmetrics-text; version=\"1.0.0\"", true)]
    [InlineData("Application/OpenMetrics-Text", true)]
    [InlineData("application/openmetrics-text;q=0.3,text/plain;q=0.3", true)]
    [InlineData("application/openmetrics-text;q=0.3,text/*;q=0.2,*/*", true)]
    [InlineData("application/openmetrics-text;q=0.3,text/plain;q=0.4", false)]
    [InlineData("application/openmetrics-text;q=0.3,text/*;q=0.4", false)]
    [InlineData("application/openmetrics-text;q=0.3,*/*;q=0.8", false)]
    [InlineData("application/openmetrics-text;q=0", false)]
    [InlineData("application/openmetrics-text;version=0.0.1", false)]
    [InlineData("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", false)]
    // A browser, curl, nothing, nonsense.
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false)]
    [InlineData("*/*", false)]
    [InlineData("application/*", false)]
    [InlineData("", false)]
    [InlineData("application/openmetrics-text;q=abc;;;,", false)]
    [InlineData("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily", false)]
    public void OpenMetrics_IsForThoseThatNameIt_AndDoNotPreferText(string accept, bool openMetrics) =>
        Assert.Equal(openMetrics, MetricsNegotiation.PrefersOpenMetrics([accept]));

    [Fact]
    public void WithoutAnAcceptHeader_ItIsText() => Assert.False(MetricsNegotiation.PrefersOpenMetrics([]));
}
