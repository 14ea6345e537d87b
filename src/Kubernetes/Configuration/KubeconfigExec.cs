namespace GpuStack.Kubernetes.Configuration;

/// <summary>Reads what a user's <c>exec</c> says.</summary>
internal static class KubeconfigExec
{
    private const int MaxHint = 500;

    public static ExecPlugin Read(KubeconfigEntry exec, KubeconfigCluster cluster)
    {
        var version = exec.Text("apiVersion") ?? throw exec.Error("apiVersion", "is not set; expected client.authentication.k8s.io/v1");
        if (version is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
            throw exec.Error("apiVersion", $"is '{version}'; expected client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
        var command = exec.Text("command") ?? throw exec.Error("command", "is not set");
        // A bare name is looked up in PATH, anything with a slash is a path.
        if (command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) || command.Contains('/', StringComparison.Ordinal))
            command = Path.GetFullPath(command, exec.Source.Directory);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in exec.Entries("env"))
        {
            var name = variable.Text("name") ?? throw variable.Error("name", "is not set");
            if (name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal))
                throw variable.Error("name", "is no name of an environment variable");
            environment[name] = variable.Text("value") ?? "";
        }

        return new ExecPlugin
        {
            Origin = $"{exec.Source.Name}: {exec.Path}",
            ApiVersion = version,
            Command = command,
            Arguments = exec.Texts("args"),
            Environment = environment,
            InstallHint = exec.Text("installHint") is { } hint ? OneLine(hint) : null,
            InteractiveMode = Mode(exec, version),
            Cluster = exec.Flag("provideClusterInfo") ? ClusterInfo(exec, cluster) : null,
        };
    }

    private static System.Text.Json.Nodes.JsonObject ClusterInfo(KubeconfigEntry exec, KubeconfigCluster cluster)
    {
        try
        {
            return cluster.ToExecInfo();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw exec.Error("provideClusterInfo", "is true, but the cluster's certificate-authority cannot be read", e);
        }
    }

    private static ExecInteractiveMode Mode(KubeconfigEntry exec, string version) => exec.Text("interactiveMode") switch
    {
        "Never" => ExecInteractiveMode.Never,
        "IfAvailable" => ExecInteractiveMode.IfAvailable,
        "Always" => ExecInteractiveMode.Always,
        null when version.EndsWith("/v1beta1", StringComparison.Ordinal) => ExecInteractiveMode.IfAvailable,
        null => throw exec.Error("interactiveMode", "is not set; expected Never, IfAvailable or Always"),
        var other => throw exec.Error("interactiveMode", $"is '{other}'; expected Never, IfAvailable or Always"),
    };

    private static string OneLine(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        line = string.Concat(line.Where(c => !char.IsControl(c)));
        return line.Length <= MaxHint ? line : line[..MaxHint];
    }
}
