using System.Diagnostics.Metrics;
using System.Text;
using GpuStack.Kubernetes.Metrics;

namespace GpuStack.Kubernetes.Tests.Metrics;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly Meter _meter = new($"test.{Guid.NewGuid():N}");
    private readonly PrometheusExporter _exporter;

    public PrometheusExporterTests() => _exporter = new PrometheusExporter(_meter.Name);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _exporter.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task TheText_IsTheSameForTheSameMeasurements()
    {
        var requests = _meter.CreateCounter<long>("zz_test_requests_total", "1", "Requests\nby method, with a back\\slash.");
        requests.Add(1, new("method", "GET"), new("code", 200));
        requests.Add(2, new("code", 200), new("method", "GET"));
        requests.Add(1, new("method", "a\"b\\c\nd"), new("code", null));
        requests.Add(1, new("method", "größe 😀"), new("1.odd name", true));
        requests.Add(1);
        _meter.CreateObservableGauge("zz_test_temperature", () => new Measurement<double>[] { new(double.NaN, new KeyValuePair<string, object?>("room", "a")), new(double.PositiveInfinity, new KeyValuePair<string, object?>("room", "b")), new(-1.5e-9, new KeyValuePair<string, object?>("room", "c")) });
        var sizes = _meter.CreateHistogram("zz_test_sizes_bytes", "By", "Sizes.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 10] });
        foreach (var size in new[] { 0.1, 0.5, 1, 1.5, 1000 }) sizes.Record(size, new KeyValuePair<string, object?>("le", "mine"), new KeyValuePair<string, object?>("kind", "x"));
        var open = _meter.CreateUpDownCounter<int>("zz_test_open");
        open.Add(3);
        open.Add(-1);

        var text = await TextAsync();
        Assert.Equal(
            """
            # TYPE zz_test_open gauge
            zz_test_open 2
            # HELP zz_test_requests_total Requests\nby method, with a back\\slash.
            # TYPE zz_test_requests_total counter
            zz_test_requests_total 1
            zz_test_requests_total{_1_odd_name="True",method="größe 😀"} 1
            zz_test_requests_total{code="",method="a\"b\\c\nd"} 1
            zz_test_requests_total{code="200",method="GET"} 3
            # HELP zz_test_sizes_bytes Sizes.
            # TYPE zz_test_sizes_bytes histogram
            zz_test_sizes_bytes_bucket{kind="x",le="0.1"} 1
            zz_test_sizes_bytes_bucket{kind="x",le="1"} 3
            zz_test_sizes_bytes_bucket{kind="x",le="10"} 4
            zz_test_sizes_bytes_bucket{kind="x",le="+Inf"} 5
            zz_test_sizes_bytes_sum{kind="x"} 1003.1
            zz_test_sizes_bytes_count{kind="x"} 5
            # TYPE zz_test_temperature gauge
            zz_test_temperature{room="a"} NaN
            zz_test_temperature{room="b"} +Inf
            zz_test_temperature{room="c"} -1.5e-09

            """,
            text[text.IndexOf("# TYPE zz_test_open", StringComparison.Ordinal)..],
            ignoreLineEndingDifferences: true);
        var parsed = PrometheusText.Parse(text);
        Assert.Equal(parsed.Metrics.Order(StringComparer.Ordinal), parsed.Metrics);
        Assert.Equal(1, parsed.Samples["zz_test_requests_total{code=,method=a\"b\\c\nd}"]);
    }

    [Fact]
    public async Task OpenMetrics_HasItsNames_ItsUnits_AndItsEnd()
    {
        _meter.CreateCounter<long>("zz_om_requests_total", description: "Requests \"all\" of\nthem.").Add(2, new KeyValuePair<string, object?>("code", "a\"b"));
        _meter.CreateCounter<double>("zz_om_odd").Add(1);
        _meter.CreateObservableCounter("zz_om_time_seconds_total", () => 1.5, "s");
        _meter.CreateObservableGauge("zz_om_memory", () => 1, "By");
        var sizes = _meter.CreateHistogram("zz_om_sizes_bytes", "By", "Sizes.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 1e30] });
        sizes.Record(1);

        using var stream = new MemoryStream();
        await _exporter.WriteOpenMetricsAsync(stream, Token);
        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.Equal(
            """
            # TYPE zz_om_memory gauge
            zz_om_memory 1
            # TYPE zz_om_odd counter
            zz_om_odd_total 1
            # HELP zz_om_requests Requests \"all\" of\nthem.
            # TYPE zz_om_requests counter
            zz_om_requests_total{code="a\"b"} 2
            # HELP zz_om_sizes_bytes Sizes.
            # TYPE zz_om_sizes_bytes histogram
            # UNIT zz_om_sizes_bytes bytes
            zz_om_sizes_bytes_bucket{le="0.5"} 0
            zz_om_sizes_bytes_bucket{le="1.0"} 1
            zz_om_sizes_bytes_bucket{le="1e+30"} 1
            zz_om_sizes_bytes_bucket{le="+Inf"} 1
            zz_om_sizes_bytes_sum 1
            zz_om_sizes_bytes_count 1
            # TYPE zz_om_time_seconds counter
            # UNIT zz_om_time_seconds seconds
            zz_om_time_seconds_total 1.5
            # EOF

            """,
            text[text.IndexOf("# TYPE zz_om_memory", StringComparison.Ordinal)..],
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task AHistogramOfOddNumbers_IsStillWhole()
    {
        var sizes = _meter.CreateHistogram("zz_odd", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2] });
        sizes.Record(2);
        var floats = _meter.CreateHistogram<double>("zz_odd_default");
        foreach (var value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0 }) floats.Record(value);

        var parsed = PrometheusText.Parse(await TextAsync());
        Assert.Equal(0, parsed.Samples["zz_odd_bucket{le=1}"]);
        Assert.Equal(1, parsed.Samples["zz_odd_bucket{le=2}"]);
        Assert.Equal(2, parsed.Samples["zz_odd_default_bucket{le=0}"]);
        Assert.Equal(4, parsed.Samples["zz_odd_default_count"]);
        Assert.True(double.IsNaN(parsed.Samples["zz_odd_default_sum"]));
    }

    [Fact]
    public async Task WhatAnObservableNoLongerReports_IsGone_AndACounterStays()
    {
        var rooms = new List<string> { "a", "b" };
        _meter.CreateObservableGauge("zz_rooms", () => rooms.Select(room => new Measurement<int>(1, new KeyValuePair<string, object?>("room", room))));
        _meter.CreateCounter<int>("zz_seen").Add(1, new KeyValuePair<string, object?>("room", "a"));
        Assert.Contains("zz_rooms{room=a}", PrometheusText.Parse(await TextAsync()).Samples.Keys);
        rooms.Remove("a");

        var parsed = PrometheusText.Parse(await TextAsync());
        Assert.DoesNotContain("zz_rooms{room=a}", parsed.Samples.Keys);
        Assert.Contains("zz_rooms{room=b}", parsed.Samples.Keys);
        Assert.Contains("zz_seen{room=a}", parsed.Samples.Keys);
    }

    [Fact]
    public async Task AnObservableThatThrows_StopsNoOther()
    {
        _meter.CreateObservableGauge("zz_bad", new Func<int>(() => throw new InvalidOperationException("boom")));
        _meter.CreateObservableGauge("zz_good", () => 1);

        Assert.Equal(1, PrometheusText.Parse(await TextAsync()).Samples["zz_good"]);
    }

    [Fact]
    public async Task OtherMeters_AreLeftOut_AndANameOfTwoTypesIsWrittenOnce()
    {
        using var other = new Meter($"other.{Guid.NewGuid():N}");
        other.CreateCounter<int>("zz_other").Add(1);
        _meter.CreateCounter<int>("zz_twice").Add(1);
        _meter.CreateHistogram<int>("zz_twice").Record(1);

        var parsed = PrometheusText.Parse(await TextAsync());
        Assert.DoesNotContain("zz_other", parsed.Metrics);
        Assert.Equal("counter", parsed.Types["zz_twice"]);
    }

    [Fact]
    public async Task LabelsWithoutEnd_ShareOneSeries_AndLongValuesAreCut()
    {
        var counter = _meter.CreateCounter<int>("zz_many");
        for (var i = 0; i < MetricFamily.MostSeries + 500; i++) counter.Add(1, new KeyValuePair<string, object?>("i", i));
        _meter.CreateCounter<int>("zz_long").Add(1, new KeyValuePair<string, object?>("text", new string('x', 511) + "😀" + new string('y', 10_000)));

        var parsed = PrometheusText.Parse(await TextAsync());
        Assert.Equal(500, parsed.Samples["zz_many{overflow=true}"]);
        Assert.Equal(MetricFamily.MostSeries + 1, parsed.Samples.Keys.Count(name => name.StartsWith("zz_many", StringComparison.Ordinal)));
        Assert.Contains($"zz_long{{text={new string('x', 511)}}}", parsed.Samples.Keys);
    }

    [Fact]
    public async Task ObservedLabels_HaveMoreRoom_ButNotWithoutEnd()
    {
        var count = MetricFamily.MostSeries + 1;
        _meter.CreateObservableGauge("zz_observed", () => Enumerable.Range(0, count).Select(i => new Measurement<int>(1, new KeyValuePair<string, object?>("i", i))));
        Assert.DoesNotContain("zz_observed{overflow=true}", PrometheusText.Parse(await TextAsync()).Samples.Keys);

        count = MetricFamily.MostObservedSeries + 1;
        Assert.Contains("zz_observed{overflow=true}", PrometheusText.Parse(await TextAsync()).Samples.Keys);
    }

    [Fact]
    public async Task MeasurementsFromEverywhere_AddUp_WhileTheTextIsWritten()
    {
        var counter = _meter.CreateCounter<double>("zz_sum");
        var histogram = _meter.CreateHistogram<double>("zz_times");
        var tasks = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(0.5);
                histogram.Record(1);
            }
        })).ToList();
        while (!tasks.TrueForAll(task => task.IsCompleted)) PrometheusText.Parse(await TextAsync());
        await Task.WhenAll(tasks);

        var parsed = PrometheusText.Parse(await TextAsync());
        Assert.Equal(20_000, parsed.Samples["zz_sum"]);
        Assert.Equal(40_000, parsed.Samples["zz_times_count"]);
    }

    [Fact]
    public async Task TheProcess_IsThere()
    {
        var parsed = PrometheusText.Parse(await TextAsync());

        Assert.InRange(parsed.Samples["process_start_time_seconds"], 1.7e9, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1);
        Assert.True(parsed.Samples["process_cpu_seconds_total"] > 0);
        Assert.True(parsed.Samples["process_resident_memory_bytes"] > 1_000_000);
        if (OperatingSystem.IsLinux()) Assert.True(parsed.Samples["process_open_fds"] > 3);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", PrometheusExporter.ContentType);
    }

    [Fact]
    public async Task Point41_EveryMetricOfOurs_SaysWhatItIs()
    {
        ClientMetrics.Answered("GET", "host", 200);
        ElectionMetrics.Set("help", leads: false);
        using var queue = new GpuStack.Kubernetes.Queues.RateLimitedQueue<string>(TimeProvider.System, name: "help");
        using var controller = new ControllerMetrics("help", 1);
        var text = await TextAsync();

        // Which promtool check metrics asks for.
        Assert.All(PrometheusText.Parse(text).Metrics, metric => Assert.Contains($"# HELP {metric} ", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a 1")]
    [InlineData("# TYPE a counter\na{b=\"c\"} x\n")]
    [InlineData("# TYPE a counter\na{b=c} 1\n")]
    [InlineData("# TYPE a counter\na{b=\"\\x\"} 1\n")]
    [InlineData("# TYPE a counter\na 1\na 2\n")]
    [InlineData("# TYPE a counter\n# TYPE a counter\n")]
    [InlineData("# TYPE a counter\nb 1\n")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n")]
    [InlineData("# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n")]
    public void TheParserOfTheseTests_IsStrict(string text) => Assert.Throws<FormatException>(() => PrometheusText.Parse(text));

    private async Task<string> TextAsync()
    {
        using var stream = new MemoryStream();
        await _exporter.WriteAsync(stream, Token);
        return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(stream.ToArray());
    }
}
