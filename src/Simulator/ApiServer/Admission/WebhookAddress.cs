using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>Where a webhook answers, and whom its certificate must come from.</summary>
internal sealed class WebhookAddress
{
    public WebhookAddress(JsonObject clientConfig)
    {
        Authorities = clientConfig["caBundle"].AsText() ?? "";
        if (clientConfig["service"] is JsonObject service)
        {
            Service = (service["namespace"].AsText() ?? "", service["name"].AsText() ?? "", (int)(service["port"].AsLong() ?? 443));
            Url = $"https://{Service.Value.Name}.{Service.Value.Namespace}.svc:{Service.Value.Port}{service["path"].AsText() ?? ""}";
        }
        else
        {
            Url = clientConfig["url"].AsText() ?? "";
        }
    }

    /// <summary>The URL without its query.</summary>
    public string Url { get; }

    /// <summary>The Service behind the URL; null for an address of its own.</summary>
    public (string Namespace, string Name, int Port)? Service { get; }

    /// <summary>The certificates that are trusted, PEM in base64; empty for those of the machine.</summary>
    public string Authorities { get; }
}
