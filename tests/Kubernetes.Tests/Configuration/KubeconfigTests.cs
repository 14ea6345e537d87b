using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Tests.Configuration;

public sealed class KubeconfigTests : IDisposable
{
    private const string Minimal = """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: k, user: u, namespace: ns}}]
        clusters: [{name: k, cluster: {server: "https://10.0.0.1:6443"}}]
        users: [{name: u, user: {token: secret-token}}]
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("kubeconfig").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Text_IsRead()
    {
        var configuration = KubernetesClientConfiguration.FromText(Minimal);

        Assert.Equal("https://10.0.0.1:6443/", configuration.Server.AbsoluteUri);
        Assert.Equal(("ns", "secret-token"), (configuration.Namespace, configuration.BearerToken));
        Assert.DoesNotContain("secret-token", configuration.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void KubeconfigList_IsMerged_TheFirstFileWins()
    {
        var first = Write("a", "current-context: two\nclusters: [{name: k, cluster: {server: 'http://first'}}]");
        var second = Write("b", """
            current-context: one
            contexts: [{name: two, context: {cluster: k}}, {name: one, context: {cluster: other}}]
            clusters: [{name: k, cluster: {server: 'http://second'}}, {name: other, cluster: {server: 'http://other'}}]
            """);
        var environment = Environment(("KUBECONFIG", string.Join(Path.PathSeparator, Path.Combine(_directory, "missing"), first, second)));

        Assert.Equal("http://first/", KubeconfigLocator.Load(environment, null).Server.AbsoluteUri);
        Assert.Equal("http://other/", KubeconfigLocator.Load(environment, "one").Server.AbsoluteUri);
    }

    [Fact]
    public void HomeDirectory_IsNextAfterKubeconfig()
    {
        Directory.CreateDirectory(Path.Combine(_directory, ".kube"));
        Write(Path.Combine(".kube", "config"), Minimal);

        Assert.Equal("ns", KubeconfigLocator.Load(Environment(("HOME", _directory)), null).Namespace);
    }

    [Fact]
    public void NoClusterAtAll_SaysWhatToDo() => Assert.Contains(
        "set KUBECONFIG", Assert.Throws<KubeconfigException>(() => KubeconfigLocator.Load(Environment(("HOME", _directory)), null)).Message, StringComparison.Ordinal);

    [Fact]
    public void CertificatesFromDataAndFromFilesBesideTheConfig_AreLoaded()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=me", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Write("ca.crt", certificate.ExportCertificatePem());
        Write("tls.key", key.ExportPkcs8PrivateKeyPem());
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem()));
        var file = Write("config", $"""
            current-context: c
            contexts: [{"{"}name: c, context: {"{"}cluster: k, user: u{"}"}{"}"}]
            clusters:
            - name: k
              cluster: {"{"}server: 'https://x', certificate-authority: ca.crt, tls-server-name: kubernetes{"}"}
            users:
            - name: u
              user: {"{"}client-certificate-data: {data}, client-key: tls.key, tokenFile: token{"}"}
            """);

        var configuration = KubernetesClientConfiguration.FromFile(file);

        Assert.Equal("CN=me", Assert.Single(configuration.CertificateAuthorities!).Subject);
        Assert.True(configuration.ClientCertificate!.HasPrivateKey);
        Assert.Equal(Path.Combine(_directory, "token"), configuration.BearerTokenFile);
        Assert.Equal("kubernetes", configuration.TlsServerName);
    }

    [Theory]
    [InlineData("current-context: c", "", "current-context is not set")]
    [InlineData("contexts: [{name: c,", "contexts: [{name: d,", "there is no context 'c'")]
    [InlineData("clusters: [{name: k,", "clusters: [{name: x,", "contexts[c].context.cluster names 'k'")]
    [InlineData("users: [{name: u,", "users: [{name: x,", "contexts[c].context.user names 'u'")]
    [InlineData("\"https://10.0.0.1:6443\"", "10.0.0.1", "clusters[k].cluster.server is '10.0.0.1'")]
    [InlineData("server: \"https://10.0.0.1:6443\"", "x: y", "clusters[k].cluster.server is not set")]
    [InlineData("token: secret-token", "exec: {command: aws}", "users[u].user.exec asks for a credential plugin")]
    [InlineData("token: secret-token", "client-certificate-data: '!'", "users[u].user.client-certificate-data is not base64")]
    [InlineData("token: secret-token", "client-certificate: missing.crt", "which cannot be read")]
    [InlineData("token: secret-token", "client-certificate-data: aGY=", "client-key is not set")]
    [InlineData("server:", "certificate-authority-data: aGY=, server:", "certificate-authority holds no PEM certificate")]
    [InlineData("kind: Config", "kind: [", "kubeconfig:")]
    public void WrongOnes_AreOneClearSentence(string part, string instead, string expected)
    {
        var text = Minimal.Replace(part, instead, StringComparison.Ordinal);

        var error = Assert.Throws<KubeconfigException>(() => KubernetesClientConfiguration.FromText(text));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void MissingFile_IsNamed() =>
        Assert.Contains("/nowhere/config", Assert.Throws<KubeconfigException>(() => KubernetesClientConfiguration.FromFile("/nowhere/config")).Message, StringComparison.Ordinal);

    [Fact]
    public void InCluster_UsesTheServiceAccount()
    {
        Write("token", "t");
        Write("namespace", "gpustack\n");
        var environment = Environment(("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "6443"));

        var configuration = InClusterConfiguration.Load(environment, _directory);

        Assert.Equal("https://[fd00::1]:6443/", configuration.Server.AbsoluteUri);
        Assert.Equal(("gpustack", Path.Combine(_directory, "token")), (configuration.Namespace, configuration.BearerTokenFile));
    }

    [Fact]
    public void InCluster_WithoutAToken_SaysWhatToDo()
    {
        var error = Assert.Throws<KubeconfigException>(() => InClusterConfiguration.Load(Environment(("KUBERNETES_SERVICE_HOST", "10.0.0.1")), _directory));
        Assert.Contains("automountServiceAccountToken", error.Message, StringComparison.Ordinal);
    }

    private static Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        name => variables.FirstOrDefault(v => v.Name == name).Value;

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
