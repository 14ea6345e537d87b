using GpuStack.Kubernetes.Metrics;
using GpuStack.Kubernetes.Tracing;
using GpuStack.Operator.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GpuStack.Operator.Hosting;

/// <summary>
/// Sends metrics and traces to a collector by OTLP, until disposed of; then what is left is sent. Besides the endpoint, OpenTelemetry's own
/// variables hold: headers, protocol, intervals, sampler, further attributes. A collector that does not answer holds nobody up; the log tells of it.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private const string ServiceName = "gpustack-operator";
    private const string GrpcProtocol = "grpc";

    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;
    private readonly ExportFailureLog _failures;

    private OtlpExport(MeterProvider metrics, TracerProvider traces, ExportFailureLog failures)
    {
        _metrics = metrics;
        _traces = traces;
        _failures = failures;
    }

    /// <summary>Begins to send.</summary>
    /// <param name="endpoint">The collector, such as <c>http://collector:4318</c>; paths of the signals are added for HTTP.</param>
    /// <param name="version">Of this program.</param>
    /// <param name="instance">Names this replica.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggerFactory">Where failures are logged.</param>
    public static OtlpExport Start(Uri endpoint, string version, string instance, TimeProvider time, ILoggerFactory loggerFactory)
    {
        var failures = new ExportFailureLog(endpoint, time, loggerFactory.CreateLogger("GpuStack.Operator.Telemetry"));
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
        return new OtlpExport(metrics, traces, failures);
    }

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
        // Last, for the others send what is left.
        _failures.Dispose();
    }

    private static void Configure(OtlpExporterOptions options, Uri endpoint, string path)
    {
        var grpc = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL") == GrpcProtocol;
        options.Protocol = grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = grpc ? endpoint : new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
    }
}
