using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>A credential plugin of a kubeconfig. Its arguments and environment may hold secrets: never printed.</summary>
internal sealed class ExecPlugin
{
    /// <summary>For messages: the file and the field.</summary>
    public required string Origin { get; init; }

    /// <summary>client.authentication.k8s.io/v1 or /v1beta1.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>A name to be found in PATH, or an absolute path.</summary>
    public required string Command { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Added to our own environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How to get the plugin, on one line; shown when it is not there.</summary>
    public string? InstallHint { get; init; }

    public ExecInteractiveMode InteractiveMode { get; init; } = ExecInteractiveMode.IfAvailable;

    /// <summary>What the plugin is told about the cluster; null when the kubeconfig does not ask for it.</summary>
    public JsonObject? Cluster { get; init; }

    public override string ToString() => Command;
}
