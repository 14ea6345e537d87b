using System.CommandLine;
using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Commands.Run;

/// <summary>The options of <c>run</c> about who may see how the operator is.</summary>
internal sealed class ObservabilityOptions
{
    private const int ProtectedPort = 8443;
    private const string CollectorVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly Option<bool> _metricsAuth = new("--metrics-auth") { Description = "Serve /metrics over HTTPS, to those alone whose bearer token may get the URL /metrics; needs the role metrics-auth." };
    private readonly Option<string?> _metricsCertificates = new("--metrics-cert-dir") { Description = "The folder with tls.crt and tls.key for --metrics-auth, read again when they change; by default a certificate that nobody signed." };

    private readonly Option<string?> _otlp = new("--otlp-endpoint") { Description = "The OpenTelemetry collector that metrics and traces are sent to, such as http://collector:4318; by default OTEL_EXPORTER_OTLP_ENDPOINT, without it none." };
    private readonly Option<LogFormat> _logFormat = new("--log-format") { Description = "What lines of the log look like: text, or json with one object a line.", DefaultValueFactory = _ => Hosting.LogFormat.Text };

    public void AddTo(Command command)
    {
        command.Add(_otlp);
        command.Add(_logFormat);
        command.Add(_metricsAuth);
        command.Add(_metricsCertificates);
    }

    /// <summary>What lines of the log look like.</summary>
    public LogFormat LogFormat(ParseResult result) => result.GetValue(_logFormat);

    /// <summary>The collector; null for none.</summary>
    /// <exception cref="InputException">It is no address.</exception>
    public Uri? Collector(ParseResult result)
    {
        var (source, text) = result.GetValue(_otlp) is { Length: > 0 } given ? (_otlp.Name, given) : (CollectorVariable, Environment.GetEnvironmentVariable(CollectorVariable));
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw new InputException($"{source}: '{text}' is no http or https address; give one like http://collector:4318.");
    }

    /// <summary>The settings with what these options say.</summary>
    /// <exception cref="InputException">Options contradict each other.</exception>
    public OperatorSettings Apply(ParseResult result, OperatorSettings settings)
    {
        var folder = result.GetValue(_metricsCertificates) is { Length: > 0 } given ? given : null;
        if (!result.GetValue(_metricsAuth))
        {
            return folder is null
                ? settings
                : throw new InputException($"{_metricsCertificates.Name} is given without {_metricsAuth.Name}; give both, or neither for metrics without TLS.");
        }

        var port = settings.MetricsPort ?? ProtectedPort;
        if (port == settings.HealthPort)
            throw new InputException($"--metrics-port: {port} is the port of /healthz as well, which has no TLS; with {_metricsAuth.Name} give another one, such as {ProtectedPort}.");
        return settings with { ProtectMetrics = true, MetricsPort = port, MetricsCertificateFolder = folder };
    }
}
