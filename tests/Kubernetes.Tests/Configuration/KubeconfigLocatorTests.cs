using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Tests.Configuration;

/// <summary>Where a configuration is looked for. What stands in it is the matter of <see cref="KubeconfigCases"/>.</summary>
public sealed class KubeconfigLocatorTests : IDisposable
{
    private const string Minimal = """
        current-context: c
        contexts: [{name: c, context: {cluster: k, namespace: home}}, {name: d, context: {cluster: k, namespace: other}}]
        clusters: [{name: k, cluster: {server: "https://10.0.0.1:6443"}}]
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("kubeconfig").FullName;

    private (string Name, string Value) Home => ("HOME", _directory);

    private string Account => Path.Combine(_directory, "account");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void ThePodsServiceAccount_ComesBeforeTheHomeDirectory_AndAfterKubeconfig()
    {
        WriteHome();
        WriteAccount();
        var pod = ("KUBERNETES_SERVICE_HOST", "10.96.0.1");

        Assert.Equal("pod", Load(null, Home, pod).Namespace);
        Assert.Equal("home", Load(null, Home).Namespace);
        Assert.Equal("home", Load(null, pod, ("KUBECONFIG", Path.Combine(_directory, ".kube", "config"))).Namespace);
    }

    [Fact]
    public void APodWithoutAToken_UsesTheHomeDirectory_AndWithoutThatSaysWhatToDo()
    {
        var pod = ("KUBERNETES_SERVICE_HOST", "10.96.0.1");
        var error = Assert.Throws<KubeconfigException>(() => Load(null, Home, pod));
        Assert.Contains("automountServiceAccountToken", error.Message, StringComparison.Ordinal);

        WriteHome();
        Assert.Equal("home", Load(null, Home, pod).Namespace);
    }

    [Fact]
    public void ANamedContext_IsOneOfAKubeconfig_NotTheServiceAccount()
    {
        WriteAccount();
        var pod = ("KUBERNETES_SERVICE_HOST", "10.96.0.1");
        var error = Assert.Throws<KubeconfigException>(() => Load("d", Home, pod));
        Assert.Contains("context 'd'", error.Message, StringComparison.Ordinal);

        WriteHome();
        Assert.Equal("other", Load("d", Home, pod).Namespace);
    }

    [Fact]
    public void NoClusterAtAll_SaysWhatToDo() => Assert.Contains(
        "set KUBECONFIG", Assert.Throws<KubeconfigException>(() => Load(null, Home)).Message, StringComparison.Ordinal);

    [Fact]
    public void KubeconfigWithoutAFile_IsAnError_EvenInAPod()
    {
        WriteAccount();
        var error = Assert.Throws<KubeconfigException>(() => Load(null, Home, ("KUBECONFIG", "/nowhere/a"), ("KUBERNETES_SERVICE_HOST", "10.96.0.1")));

        Assert.Contains("/nowhere/a", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFile_IsNamed() =>
        Assert.Contains("/nowhere/config", Assert.Throws<KubeconfigException>(() => KubernetesClientConfiguration.FromFile("/nowhere/config")).Message, StringComparison.Ordinal);

    [Fact]
    public void AFolder_IsNoKubeconfig() =>
        Assert.Contains(_directory, Assert.Throws<KubeconfigException>(() => Load(null, ("KUBECONFIG", _directory))).Message, StringComparison.Ordinal);

    [Fact]
    public void AFileThatIsTooLong_IsNotRead()
    {
        File.WriteAllText(Path.Combine(_directory, "long"), new string('#', BoundedFile.MaxLength + 1));

        var error = Assert.Throws<KubeconfigException>(() => Load(null, ("KUBECONFIG", Path.Combine(_directory, "long"))));
        Assert.Contains("more than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InCluster_UsesTheServiceAccount()
    {
        WriteAccount();

        var configuration = InClusterConfiguration.Load(
            Environment(("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "6443"), ("HTTPS_PROXY", "proxy:3128")), Account);

        Assert.Equal("https://[fd00::1]:6443/", configuration.Server.AbsoluteUri);
        Assert.Equal(("pod", Path.Combine(Account, "token")), (configuration.Namespace, configuration.BearerTokenFile));
        Assert.Equal(Path.Combine(Account, "ca.crt"), configuration.CertificateAuthoritySource!.Path);
        Assert.Equal("http://proxy:3128/", configuration.ProxyUrl!.AbsoluteUri);
    }

    [Fact]
    public void InCluster_WithoutAToken_SaysWhatToDo()
    {
        var error = Assert.Throws<KubeconfigException>(() => InClusterConfiguration.Load(Environment(("KUBERNETES_SERVICE_HOST", "10.0.0.1")), _directory));
        Assert.Contains("automountServiceAccountToken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_ShowsNothingSecret()
    {
        var configuration = new KubernetesClientConfiguration
        {
            Server = new Uri("https://me:canary@10.0.0.1:6443/path?canary#canary"),
            BearerToken = "canary",
            BasicCredentials = "canary",
            ProxyUrl = new Uri("http://me:canary@proxy"),
            Exec = new ExecPlugin { Origin = "o", ApiVersion = "v", Command = "c", Environment = new Dictionary<string, string> { ["A"] = "canary" }, Arguments = ["canary"] },
            ClientCertificateSource = new ClientCertificateSource(PemSource.OfText("canary"), PemSource.OfText("canary")),
        };

        Assert.Equal("https://10.0.0.1:6443/path", configuration.ToString());
        Assert.DoesNotContain("canary", $"{configuration.Exec} {configuration.ClientCertificateSource.Key}", StringComparison.Ordinal);
    }

    private static Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        name => variables.FirstOrDefault(v => v.Name == name).Value;

    private KubernetesClientConfiguration Load(string? context, params (string Name, string Value)[] variables) =>
        KubeconfigLocator.Load(Environment(variables), context, Account);

    private void WriteHome()
    {
        Directory.CreateDirectory(Path.Combine(_directory, ".kube"));
        File.WriteAllText(Path.Combine(_directory, ".kube", "config"), Minimal);
    }

    private void WriteAccount()
    {
        Directory.CreateDirectory(Account);
        using var certificates = new Servers.TestCertificates();
        File.WriteAllText(Path.Combine(Account, "token"), "t");
        File.WriteAllText(Path.Combine(Account, "namespace"), "pod\n");
        File.WriteAllText(Path.Combine(Account, "ca.crt"), certificates.AuthorityPem);
    }
}
