using System.CommandLine;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Commands.Run;
using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Tests.Commands.Run;

public sealed class ObservabilityOptionsTests
{
    [Fact]
    public void Without_options_metrics_are_as_they_were()
    {
        var settings = Apply(new OperatorSettings { MetricsPort = 9090 });

        Assert.Equal((false, 9090), (settings.ProtectMetrics, settings.MetricsPort));
    }

    [Fact]
    public void Protected_metrics_have_a_port_of_their_own()
    {
        Assert.Equal((true, 8443), (Apply(new OperatorSettings(), "--metrics-auth") is var settings ? (settings.ProtectMetrics, settings.MetricsPort) : default));
        Assert.Equal(9090, Apply(new OperatorSettings { MetricsPort = 9090 }, "--metrics-auth").MetricsPort);
        Assert.Equal("/certs", Apply(new OperatorSettings(), "--metrics-auth", "--metrics-cert-dir", "/certs").MetricsCertificateFolder);
    }

    [Fact]
    public void What_cannot_be_is_refused_with_a_remedy()
    {
        Assert.Contains("--metrics-port", Assert.Throws<InputException>(() => Apply(new OperatorSettings { MetricsPort = 8081 }, "--metrics-auth")).Message, StringComparison.Ordinal);
        Assert.Contains("--metrics-auth", Assert.Throws<InputException>(() => Apply(new OperatorSettings(), "--metrics-cert-dir", "/certs")).Message, StringComparison.Ordinal);
    }

    private static OperatorSettings Apply(OperatorSettings settings, params string[] arguments)
    {
        var options = new ObservabilityOptions();
        var command = new Command("run");
        options.AddTo(command);
        return options.Apply(command.Parse(arguments), settings);
    }
}
