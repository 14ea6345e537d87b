namespace GpuStack.Kubernetes.Configuration;

/// <summary>
/// Merges kubeconfig files as kubectl does: of entries with one name the first file's counts whole, and so does the first
/// current-context that is set.
/// </summary>
internal static class KubeconfigReader
{
    /// <param name="files">Most important first.</param>
    /// <param name="contextName">Instead of current-context.</param>
    /// <param name="environment">Where proxies are found when the cluster names none.</param>
    public static KubernetesClientConfiguration Read(IReadOnlyList<Kubeconfig> files, string? contextName, Func<string, string?> environment)
    {
        var names = string.Join(", ", files.Select(f => f.Name));
        contextName ??= files.Select(f => f.CurrentContext).FirstOrDefault(c => c is not null)
            ?? throw new KubeconfigException($"{names}: current-context is not set; set it with kubectl config use-context NAME.");
        var context = Find(files, "contexts", contextName, "context")
            ?? throw new KubeconfigException($"{names}: there is no context '{contextName}'; kubectl config get-contexts lists them.");
        var clusterName = context.Text("cluster") ?? throw context.Error("cluster", "is not set");
        var cluster = Find(files, "clusters", clusterName, "cluster") ?? throw context.Error("cluster", $"names '{clusterName}', which is not among the clusters");
        KubeconfigEntry? user = null;
        if (context.Text("user") is { } userName)
            user = Find(files, "users", userName, "user") ?? throw context.Error("user", $"names '{userName}', which is not among the users");

        var server = KubeconfigCluster.Read(cluster);
        var credentials = user is null ? new KubeconfigUser() : KubeconfigUser.Read(user, server);
        return new KubernetesClientConfiguration
        {
            Server = server.Server,
            Namespace = context.Text("namespace") ?? "default",
            CertificateAuthorities = server.Authorities,
            CertificateAuthoritySource = server.AuthoritySource,
            SkipTlsVerify = server.SkipTlsVerify,
            TlsServerName = server.TlsServerName,
            ProxyUrl = server.ProxyUrl ?? EnvironmentProxy.Find(server.Server, environment),
            DisableCompression = server.DisableCompression,
            ClientCertificate = credentials.Certificate?.Certificate,
            ClientCertificateChain = credentials.Certificate?.Chain,
            ClientCertificateSource = credentials.CertificateSource,
            BearerToken = credentials.Token,
            BearerTokenFile = credentials.TokenFile,
            BasicCredentials = credentials.Basic,
            Exec = credentials.Exec,
            Impersonate = credentials.Impersonate,
        };
    }

    private static KubeconfigEntry? Find(IReadOnlyList<Kubeconfig> files, string list, string name, string field) =>
        files.Select(f => f.Find(list, name, field)).FirstOrDefault(e => e is not null);
}
