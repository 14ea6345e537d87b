using GpuStack.Kubernetes.Metrics;
using GpuStack.Kubernetes.Tracing;
using GpuStack.Operator.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GpuStack.Operator.Hosting;

/// <summary>
/// Sends metrics and traces to a collector by OTLP, until disposed of; then what is left is sent. Besides the endpoint, OpenTelemetry's own
/// variables hold: headers, protocol, intervals, sampler, further attributes. A collector that does not answer holds nobody up.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private const string ServiceName = "gpustack-operator";
    private const string GrpcProtocol = "grpc";

    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;

    private OtlpExport(MeterProvider metrics, TracerProvider traces)
    {
        _metrics = metrics;
        _traces = traces;
    }

    /// <summary>Begins to send.</summary>
    /// <param name="endpoint">The collector, such as <c>http://collector:4318</c>; paths of the signals are added for HTTP.</param>
    /// <param name="version">Of this program.</param>
    /// <param name="instance">Names this replica.</param>
    public static OtlpExport Start(Uri endpoint, string version, string instance)
    {
        var resource = ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddService(ServiceName, serviceVersion: version, serviceInstanceId: instance).AddEnvironmentVariableDetector();
        var metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(KubernetesMeter.Name, OperatorMeter.Name)
            // Each condition of each deployment that is listed; for everything else the default is enough.
            .AddView(DeploymentMetrics.ConditionMetric, new MetricStreamConfiguration { CardinalityLimit = 6 * DeploymentMetrics.MostDeployments })
            .AddOtlpExporter(options => Configure(options, endpoint, "v1/metrics"))
            .Build();
        // The process' own series are made when the first exporter asks for them.
        ProcessMetrics.Publish();
        var traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(KubernetesTracing.Name, OperatorTracing.Name)
            .AddOtlpExporter(options => Configure(options, endpoint, "v1/traces"))
            .Build();
        return new OtlpExport(metrics, traces);
    }

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }

    private static void Configure(OtlpExporterOptions options, Uri endpoint, string path)
    {
        var grpc = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL") == GrpcProtocol;
        options.Protocol = grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = grpc ? endpoint : new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
    }
}
