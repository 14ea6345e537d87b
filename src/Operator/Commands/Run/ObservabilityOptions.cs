using System.CommandLine;
using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Commands.Run;

/// <summary>The options of <c>run</c> about who may see how the operator is.</summary>
internal sealed class ObservabilityOptions
{
    private const int ProtectedPort = 8443;

    private readonly Option<bool> _metricsAuth = new("--metrics-auth") { Description = "Serve /metrics over HTTPS, to those alone whose bearer token may get the URL /metrics; needs the role metrics-auth." };
    private readonly Option<string?> _metricsCertificates = new("--metrics-cert-dir") { Description = "The folder with tls.crt and tls.key for --metrics-auth, read again when they change; by default a certificate that nobody signed." };

    public void AddTo(Command command)
    {
        command.Add(_metricsAuth);
        command.Add(_metricsCertificates);
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
