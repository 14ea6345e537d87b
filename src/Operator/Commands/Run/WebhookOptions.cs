using System.CommandLine;
using System.Net;
using GpuStack.Operator.Admission;

namespace GpuStack.Operator.Commands.Run;

/// <summary>The options of <c>run</c> that are about the webhook.</summary>
internal sealed class WebhookOptions
{
    private readonly Option<int?> _port = new("--webhook-port") { Description = "The port of the validating webhook; 0 or absent serves none." };
    private readonly Option<string?> _certificates = new("--webhook-cert-dir") { Description = "The folder with the webhook's tls.crt and tls.key, as cert-manager's Secret is mounted; by default the operator makes its own." };
    private readonly Option<string> _secret = new("--webhook-secret") { Description = "The Secret by which replicas share the certificate that the operator makes.", DefaultValueFactory = _ => WebhookSettings.DefaultSecret };
    private readonly Option<string> _service = new("--webhook-service") { Description = "The Service that leads to the webhook: the certificate is for its names.", DefaultValueFactory = _ => WebhookSettings.DefaultService };
    private readonly Option<string> _configuration = new("--webhook-configuration") { Description = "The ValidatingWebhookConfiguration that the operator's own authority is written into.", DefaultValueFactory = _ => WebhookSettings.DefaultConfiguration };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _port, _certificates, _secret, _service, _configuration })
            command.Add(option);
    }

    /// <summary>The settings; null when no webhook is wanted.</summary>
    /// <param name="result">What was given.</param>
    /// <param name="ownNamespace">The operator's own namespace.</param>
    /// <param name="address">What to listen on; null for all addresses.</param>
    public WebhookSettings? Settings(ParseResult result, string ownNamespace, IPAddress? address)
    {
        var port = result.GetValue(_port);
        if (port is not (null or (>= 0 and <= 65535)))
            throw new InputException($"{_port.Name}: {port} is no port; give one between 0 and 65535.");
        if (port is null or 0)
            return null;
        return new WebhookSettings
        {
            Port = port.Value,
            Address = address,
            CertificateDirectory = result.GetValue(_certificates) is { Length: > 0 } directory ? directory : null,
            Namespace = ownNamespace,
            Secret = Name(_secret, result),
            Service = Name(_service, result),
            Configuration = Name(_configuration, result),
        };
    }

    private static string Name(Option<string> option, ParseResult result) => result.GetValue(option) is { Length: > 0 and <= 253 } name
        ? name
        : throw new InputException($"{option.Name}: expected the name of an object; leave it out for the default.");
}
