namespace GpuStack.Kubernetes.Configuration;

/// <summary>
/// Finds the cluster as controllers do: the files that KUBECONFIG lists, else the pod's service account, else
/// <c>~/.kube/config</c>.
/// </summary>
internal static class KubeconfigLocator
{
    public static KubernetesClientConfiguration Load(
        Func<string, string?> environment, string? context, string serviceAccountDirectory = InClusterConfiguration.ServiceAccountDirectory)
    {
        if (environment("KUBECONFIG") is { Length: > 0 } list)
        {
            var paths = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var existing = paths.Distinct(StringComparer.Ordinal).Where(Exists).ToList();
            if (existing.Count == 0) throw new KubeconfigException($"KUBECONFIG names {list}, but no such file exists.");
            return KubeconfigReader.Read([.. existing.Select(Kubeconfig.FromFile)], context, environment);
        }

        var home = environment("HOME") ?? environment("USERPROFILE");
        var standard = string.IsNullOrEmpty(home) ? null : Path.Combine(home, ".kube", "config");
        if (standard is not null && !Exists(standard)) standard = null;
        // A context is an entry of a kubeconfig: who names one does not mean the service account.
        if (context is null && InClusterConfiguration.IsPod(environment)
            && (standard is null || InClusterConfiguration.HasToken(serviceAccountDirectory)))
        {
            return InClusterConfiguration.Load(environment, serviceAccountDirectory);
        }

        if (standard is not null) return KubeconfigReader.Read([Kubeconfig.FromFile(standard)], context, environment);
        throw new KubeconfigException(context is null
            ? "No cluster is configured: set KUBECONFIG, or run inside a cluster, or create ~/.kube/config."
            : $"There is no kubeconfig that could have the context '{context}': set KUBECONFIG, or create ~/.kube/config.");
    }

    // A folder of that name is an error of its own, met when it is read.
    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);
}
