namespace GpuStack.Kubernetes.Configuration;

/// <summary>Finds the kubeconfig as kubectl does.</summary>
internal static class KubeconfigLocator
{
    public static KubernetesClientConfiguration Load(Func<string, string?> environment, string? context)
    {
        if (environment("KUBECONFIG") is { Length: > 0 } list)
        {
            var paths = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var existing = paths.Where(File.Exists).ToList();
            if (existing.Count == 0) throw new KubeconfigException($"KUBECONFIG names {list}, but no such file exists.");
            return KubeconfigReader.Read([.. existing.Select(Kubeconfig.FromFile)], context);
        }

        var home = environment("HOME") ?? environment("USERPROFILE");
        var standard = home is null ? null : Path.Combine(home, ".kube", "config");
        if (standard is not null && File.Exists(standard)) return KubeconfigReader.Read([Kubeconfig.FromFile(standard)], context);
        if (InClusterConfiguration.IsPod(environment)) return InClusterConfiguration.Load(environment, InClusterConfiguration.ServiceAccountDirectory);
        throw new KubeconfigException("No cluster is configured: set KUBECONFIG, or create ~/.kube/config, or run inside a cluster.");
    }
}
