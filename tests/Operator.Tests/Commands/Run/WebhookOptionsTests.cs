using System.CommandLine;
using System.Net;
using GpuStack.Operator.Admission;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Commands.Run;

namespace GpuStack.Operator.Tests.Commands.Run;

public class WebhookOptionsTests
{
    [Theory]
    [InlineData]
    [InlineData("--webhook-port", "0")]
    public void Without_a_port_none_is_served(params string[] arguments) => Assert.Null(Settings(arguments));

    [Fact]
    public void What_is_not_given_is_as_config_has_it()
    {
        var settings = Settings("--webhook-port", "9443", "--webhook-cert-dir", "")!;

        Assert.Equal(new WebhookSettings { Port = 9443, Namespace = "own", Address = IPAddress.Loopback }, settings);
        Assert.Equal(["gpustack-operator-webhook.own.svc", "gpustack-operator-webhook.own.svc.cluster.local"], settings.DnsNames.Take(2));
    }

    [Fact]
    public void What_is_given_counts()
    {
        var settings = Settings("--webhook-port", "1", "--webhook-cert-dir", "/certs", "--webhook-secret", "a", "--webhook-service", "b", "--webhook-configuration", "c")!;

        Assert.Equal((1, "/certs", "a", "b", "c"), (settings.Port, settings.CertificateDirectory, settings.Secret, settings.Service, settings.Configuration));
    }

    [Theory]
    [InlineData("--webhook-port", "65536")]
    [InlineData("--webhook-port", "-1")]
    [InlineData("--webhook-secret", "")]
    [InlineData("--webhook-service", "")]
    [InlineData("--webhook-configuration", "long")]
    public void What_cannot_be_is_named(string option, string value)
    {
        var given = value == "long" ? new string('x', 254) : value;
        string[] port = option == "--webhook-port" ? [] : ["--webhook-port", "1"];

        Assert.StartsWith($"{option}: ", Assert.Throws<InputException>(() => Settings([.. port, option, given])).Message, StringComparison.Ordinal);
    }

    private static WebhookSettings? Settings(params string[] arguments)
    {
        var options = new WebhookOptions();
        var command = new Command("run");
        options.AddTo(command);
        return options.Settings(command.Parse(arguments), "own", IPAddress.Loopback);
    }
}
