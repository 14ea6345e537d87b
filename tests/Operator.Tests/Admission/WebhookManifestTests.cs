using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Operator.Admission;
using GpuStack.Simulator.Storage;

namespace GpuStack.Operator.Tests.Admission;

/// <summary>What config/webhook says must be what the operator does, and must not be able to lock a cluster.</summary>
public class WebhookManifestTests
{
    [Fact]
    public void The_configuration_asks_the_operator_about_specs_alone_and_passes_it_over_when_it_is_silent()
    {
        var configuration = Read("manifests.yaml");
        var webhook = Assert.Single(configuration["webhooks"]!.AsArray())!;

        Assert.Equal(WebhookSettings.DefaultConfiguration, configuration["metadata"]!["name"].AsText());
        Assert.Equal((WebhookSettings.WebhookName, "Ignore", "None", 5L), (webhook["name"].AsText(), webhook["failurePolicy"].AsText(), webhook["sideEffects"].AsText(), webhook["timeoutSeconds"].AsLong()));
        var service = webhook["clientConfig"]!["service"]!;
        Assert.Equal((WebhookSettings.DefaultService, "gpustack-system", WebhookSettings.Path), (service["name"].AsText(), service["namespace"].AsText(), service["path"].AsText()));
        Assert.Equal(
            """{"apiGroups":["inference.gpustack.io"],"apiVersions":["v1alpha1"],"operations":["CREATE","UPDATE"],"resources":["modeldeployments"],"scope":"Namespaced"}""",
            Assert.Single(webhook["rules"]!.AsArray())!.ToJsonString());
        // A slow answer is ours to explain, and no body is larger than what room is kept for.
        var options = AdmissionServer.Options(new WebhookSettings { CertificateDirectory = "/certs" });
        Assert.True(options.RequestTimeout < TimeSpan.FromSeconds(webhook["timeoutSeconds"].AsLong()!.Value));
        Assert.Equal((AdmissionEndpoint.LargestReview, "/certs/tls.crt", "/certs/tls.key"), (options.MaxRequestBytes, options.CertificateFile, options.KeyFile));
        // What is not in the manifest is nobody's drift.
        Assert.Null(webhook["clientConfig"]!["caBundle"]);
    }

    [Fact]
    public void The_Service_leads_to_the_managers_port()
    {
        var service = Read("service.yaml");
        var manager = YamlReader.Read(File.ReadAllText(Path.Combine(Inputs.Root, "config", "manager", "manager.yaml")), "manager")!;
        var patch = YamlReader.Read(File.ReadAllText(Path.Combine(Inputs.Root, "config", "default", "manager_webhook_patch.yaml")), "patch")!.AsArray();
        var arguments = patch.Select(step => step!["value"].AsText()).OfType<string>().ToList();

        Assert.Equal(WebhookSettings.DefaultService, service["metadata"]!["name"].AsText());
        Assert.Equal(service["spec"]!["selector"]!.ToJsonString(), manager["spec"]!["selector"]!["matchLabels"]!.ToJsonString());
        var port = Assert.Single(patch, step => step!["value"] is JsonObject value && value["name"].AsText() == service["spec"]!["ports"]![0]!["targetPort"].AsText())!;
        Assert.Equal(
            [
                $"--webhook-port={port["value"]!["containerPort"]}", $"--webhook-secret={WebhookSettings.DefaultSecret}",
                $"--webhook-service={WebhookSettings.DefaultService}", $"--webhook-configuration={WebhookSettings.DefaultConfiguration}",
            ],
            arguments);
    }

    private static JsonNode Read(string file) => YamlReader.Read(File.ReadAllText(Path.Combine(Inputs.Root, "config", "webhook", file)), file)!;
}
