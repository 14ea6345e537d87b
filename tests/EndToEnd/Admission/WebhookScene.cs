using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using GpuStack.EndToEnd.Access;
using GpuStack.EndToEnd.Kubectl;
using GpuStack.EndToEnd.Reconciliation;
using GpuStack.Operator.Admission;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Admission;

/// <summary>A cluster with the webhook as config/webhook registers it, replicas of the operator that serve it, and kubectl.</summary>
internal sealed class WebhookScene : IAsyncDisposable
{
    private readonly List<int> _ports = [];
    private readonly List<OperatorRun> _replicas = [];
    private readonly string _kubeconfig;

    private WebhookScene(TestCluster cluster, string kubeconfig, string kubectl)
    {
        Cluster = cluster;
        _kubeconfig = kubeconfig;
        Kubectl = new KubectlTool(kubectl, kubeconfig);
    }

    public TestCluster Cluster { get; }

    public KubectlTool Kubectl { get; }

    /// <summary>Where the replicas serve, in the order in which they began to.</summary>
    public IReadOnlyList<int> Ports
    {
        get
        {
            lock (_ports)
                return [.. _ports];
        }
    }

    public static async Task<WebhookScene> StartAsync(int nodes = 1)
    {
        var kubectl = KubectlTool.Find();
        Assert.SkipWhen(kubectl is null, "kubectl is not installed; ./test brings it");
        var cluster = await TestCluster.StartAsync(nodes);
        Assert.SkipUnless(cluster.IsOwn, "Services of a given cluster do not lead to this process.");
        OperatorAccess.InstallWebhook(cluster.Simulated!);
        var scene = new WebhookScene(cluster, await cluster.WriteKubeconfigAsync(), kubectl!);
        await scene.Kubectl.RunAsync("apply", "--server-side", "-f", Repository.PathOf("config", "webhook", "manifests.yaml"));
        return scene;
    }

    /// <summary>Starts one replica more, and waits until API servers trust it.</summary>
    public async Task<OperatorRun> StartReplicaAsync(string identity = "one")
    {
        var expected = Ports.Count + 1;
        var run = OperatorRun.Start(Cluster, settings => settings with
        {
            LeaderElect = true,
            LeaseNamespace = OperatorAccess.Namespace,
            Identity = identity,
            Webhook = new WebhookSettings
            {
                Port = 0,
                Address = IPAddress.Loopback,
                Namespace = OperatorAccess.Namespace,
                CheckInterval = TimeSpan.FromMilliseconds(50),
                Listening = port =>
                {
                    lock (_ports)
                        _ports.Add(port);
                    Cluster.Services.Set(OperatorAccess.Namespace, WebhookSettings.DefaultService, [.. Ports]);
                },
            },
        });
        _replicas.Add(run);
        await UntilAsync(async () => Ports.Count == expected && await ShownAsync(Ports[^1]) is { } shown && shown == Certificate() && Bundle().Length > 0);
        return run;
    }

    public async Task StopAsync(OperatorRun run)
    {
        var index = _replicas.IndexOf(run);
        _replicas.RemoveAt(index);
        lock (_ports)
            _ports.RemoveAt(index);
        Cluster.Services.Set(OperatorAccess.Namespace, WebhookSettings.DefaultService, [.. Ports]);
        await run.DisposeAsync();
    }

    public StoredObject? Secret() => Cluster.Store.Get(BuiltInResources.Secrets, OperatorAccess.Namespace, WebhookSettings.DefaultSecret);

    public void ChangeSecret(string key, string value) =>
        Cluster.Store.Modify(BuiltInResources.Secrets, OperatorAccess.Namespace, WebhookSettings.DefaultSecret, body => body["data"]![key] = value);

    /// <summary>The authorities that the API server trusts.</summary>
    public string Bundle() =>
        Cluster.Store.Get(BuiltInResources.ValidatingWebhookConfigurations, null, WebhookSettings.DefaultConfiguration)?.Body["webhooks"]![0]!["clientConfig"]!["caBundle"].AsText() ?? "";

    /// <summary>The certificate that a port shows, as the Secret has it; null when it shows none.</summary>
    public static async Task<string?> ShownAsync(int port)
    {
        try
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
#pragma warning disable CA5359 // What is shown is compared, not trusted.
            await using var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
            await tls.AuthenticateAsClientAsync("localhost");
            return tls.RemoteCertificate!.GetRawCertDataString();
        }
        catch (Exception exception) when (exception is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            return null;
        }
    }

    /// <summary>The certificate of the Secret, as <see cref="ShownAsync"/> gives it.</summary>
    public string? Certificate()
    {
        var text = Secret()?.Body["data"]?["tls.crt"].AsText();
        if (text is null)
            return null;
        try
        {
            using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(
                System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(text)));
            return certificate.GetRawCertDataString();
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, TestContext.Current.CancellationToken);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, either.Token);
    }

    public TextFile Manifest(string name, string spec) => new(Cluster.Manifest(name, $$$"""
        model: {huggingFace: {repository: gpustack/Llama-3.2-1B-Instruct-GGUF, file: Llama-3.2-1B-Instruct-Q8_0.gguf}}
        {{{spec}}}
        """));

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        await Cluster.DisposeAsync();
        File.Delete(_kubeconfig);
    }

    /// <summary>A text in a file of its own, for as long as a test needs it.</summary>
    internal sealed class TextFile : IDisposable
    {
        public TextFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");

        public void Dispose() => File.Delete(Path);
    }
}
