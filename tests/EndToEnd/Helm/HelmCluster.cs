using System.Text.Json.Nodes;
using GpuStack.EndToEnd.Cases;
using GpuStack.EndToEnd.Kubectl;
using GpuStack.Entities.Fleets;
using GpuStack.Simulator;
using GpuStack.Simulator.ApiServer.Admission;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Helm;

/// <summary>A simulated cluster that evaluates roles, with GPU nodes and a model hub, and kubectl and helm as its administrator.</summary>
internal sealed class HelmCluster : IAsyncDisposable
{
    public const string Namespace = "gpustack-system";
    public const string Release = "gpustack-operator";

    private readonly ServiceEndpoints _services;

    private HelmCluster(SimulatedCluster simulated, ServiceEndpoints services)
    {
        (Simulated, _services) = (simulated, services);
        File.WriteAllText(Kubeconfig, simulated.KubeconfigYaml);
        Kubectl = new KubectlTool(Program("kubectl"), Kubeconfig);
        Helm = new ClusterTool(Program("helm"), Kubeconfig);
    }

    /// <summary>The file of its administrator.</summary>
    public string Kubeconfig { get; } = Path.GetTempFileName();

    public static string Chart => Repository.PathOf("charts", "gpustack-operator");

    public SimulatedCluster Simulated { get; }

    public ClusterTool Kubectl { get; }

    public ClusterTool Helm { get; }

    public static async Task<HelmCluster> StartAsync(string fleet = "six-gpus")
    {
        SampleCase sample = new(fleet);
        ServiceEndpoints services = new();
        return new HelmCluster(await SimulatedCluster.StartAsync(
            new SimulatedClusterOptions
            {
                // Clients send no tokens in plain text.
                Https = true,
                EvaluateAccess = true,
                EnforceOwnerReferences = true,
                Nodes = FleetNodes.Expand(FleetFile.Read(await File.ReadAllTextAsync(sample.Fleet, TestContext.Current.CancellationToken))),
                Services = services,
                HubDirectory = Repository.PathOf("samples", "models"),
                Kubelets = new KubeletBehaviour { WorkTime = TimeSpan.Zero },
            },
            TestContext.Current.CancellationToken), services);
    }

    /// <summary>Installs or upgrades the release as its users do, and waits as helm does.</summary>
    public Task<string> ReleaseAsync(string command, string chart, params string[] more) =>
        Helm.RunAsync([command, Release, chart, "--namespace", Namespace, "--wait", "--timeout", "60s", .. more]);

    /// <summary>The values that a test needs besides: the simulated hub and the supervisors of pods that do not really run.</summary>
    public string[] Values(params string[] more) =>
    [
        "--set", $"huggingFace.endpoint={Simulated.HubUrl}", "--set-string", $"extraArgs={{--supervisor-url={Escape(Simulated.SupervisorUrl)}}}",
        .. more.SelectMany(value => (string[])["--set", value]),
    ];

    /// <summary>The same with ports that are free on this machine, of which the webhook's is that of its Service.</summary>
    public string[] Ports()
    {
        int webhook = FreePort.Next();
        _services.Set(Namespace, $"{Release}-webhook", webhook);
        return Values($"health.port={FreePort.Next()}", $"webhook.port={webhook}", $"metrics.port={FreePort.Next()}");
    }

    /// <summary>Every object that is not the cluster's own, as <c>kind/name</c>; the pods and replica sets of a Deployment go with it.</summary>
    public string[] Objects(string? @namespace = Namespace) =>
    [
        .. Simulated.Store.Definitions
            .Where(definition => definition.Namespaced == (@namespace is not null) && definition.Key != BuiltInResources.Events)
            .SelectMany(definition => Simulated.Store.List(definition.Key, @namespace).Items)
            .Where(stored => !IsOfTheCluster(stored))
            .Select(stored => $"{stored.Definition.Kind}/{stored.Name}")
            .Order(StringComparer.Ordinal),
    ];

    public JsonObject Object(ResourceKey resource, string name, string? @namespace = Namespace) => Simulated.Store.Get(resource, @namespace, name)?.ToMutable()
        ?? throw new InvalidOperationException($"There is no {resource} {name}.");

    public async ValueTask DisposeAsync()
    {
        await Simulated.DisposeAsync();
        File.Delete(Kubeconfig);
    }

    private static bool IsOfTheCluster(StoredObject stored) => stored.Definition.Kind is "Node" or "Namespace" || stored.Name.StartsWith("system:", StringComparison.Ordinal)
        || (stored.Definition.Kind, stored.Name) is ("ServiceAccount", "default") or ("ConfigMap", "kube-root-ca.crt") or ("ClusterRole", "cluster-admin" or "admin" or "edit" or "view")
            or ("ClusterRoleBinding", "cluster-admin");

    // What is between braces is a list to --set.
    private static string Escape(string url) => url.Replace("{", "\\{", StringComparison.Ordinal).Replace("}", "\\}", StringComparison.Ordinal);

    private static string Program(string name)
    {
        string? program = ClusterTool.Find(name);
        Assert.SkipWhen(program is null, $"{name} is not installed; ./test brings it");
        return program!;
    }
}
