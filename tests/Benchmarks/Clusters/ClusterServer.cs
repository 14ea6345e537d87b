using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Benchmarks.Ingest.Informers;
using GpuStack.Entities;
using GpuStack.Entities.Fleets;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Storage;

namespace GpuStack.Benchmarks.Clusters;

/// <summary>
/// The other process: a simulated cluster with the CRD installed. Its first line of output is the kubeconfig as a JSON string, the second the
/// address of its model hub; then it writes a record, as JSON, for each deployment that settles, and an array of all of them when it reads
/// <c>records</c>. It ends when its input does.
/// </summary>
internal static class ClusterServer
{
    public const string Command = "cluster-server";

    public static async Task<int> RunAsync(ReadOnlyMemory<string> arguments)
    {
        var options = new BenchmarkArguments(arguments.Span);
        int pods = options.Integer("strange-pods", 0);
        await using SimulatedCluster cluster = await SimulatedCluster.StartAsync(new SimulatedClusterOptions
        {
            Nodes = pods > 0 ? [] : FleetNodes.Expand(WorkloadFleet.Create(options.Integer("nodes", 100))),
            // Nobody comes back after a pause.
            HistoryLength = 512,
            HubDirectory = Path.Combine(RepositoryFolder.Root, "samples", "models"),
            // What pods go through is the scheduler's and the kubelet's work, which real clusters do elsewhere: events of theirs are left out.
            Kubelets = new KubeletBehaviour { Present = pods == 0, RecordEvents = false },
        });
        if (pods > 0)
        {
            AddStrangers(cluster.Store, options.Integer("nodes", 100), pods);
        }

        await InstallAsync(cluster);
        using var stop = new CancellationTokenSource();
        var output = TextWriter.Synchronized(Console.Out);
        var recorder = new CreationRecorder(cluster.Store, record => output.WriteLine(JsonSerializer.Serialize(record)));
        Task recording = recorder.RunAsync(stop.Token);
        await output.WriteLineAsync(JsonSerializer.Serialize(cluster.KubeconfigYaml));
        await output.WriteLineAsync(cluster.HubUrl!.AbsoluteUri);
        while (await Console.In.ReadLineAsync(CancellationToken.None) is not null)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(recorder.Records));
        }

        await stop.CancelAsync();
        await recording;
        return 0;
    }

    private static async Task InstallAsync(SimulatedCluster cluster)
    {
        var json = new KubernetesJson(EntitiesJsonContext.Default);
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromText(cluster.KubeconfigYaml), json, TimeProvider.System);
        V1CustomResourceDefinition definition = ModelDeploymentCrd.Json.Deserialize(json.TypeInfo<V1CustomResourceDefinition>())!;
        await client.ApplyAsync(definition, new ApplyOptions("benchmark", force: true), CancellationToken.None);
        await cluster.WaitAsync(
            BuiltInResources.CustomResourceDefinitions,
            null,
            definition.Metadata.Name!,
            stored => stored.Body["status"]?["conditions"]?.AsArray().Any(one => one?["type"].AsText() == "Established" && one["status"].AsText() == "True") == true,
            CancellationToken.None);
    }

    /// <summary>Nodes and pods of other people, as large as they are in real clusters. Nobody owns the pods: the garbage collector would take them for orphans.</summary>
    private static void AddStrangers(ClusterStore store, int nodes, int pods)
    {
        Fill(store, BuiltInResources.Nodes, ClusterObjects.Node(), nodes);
        for (int i = 0; i < ClusterObjects.Namespaces; i++)
        {
            store.Create(BuiltInResources.Namespaces, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = string.Create(CultureInfo.InvariantCulture, $"team-{i:00}") },
            });
        }

        Fill(store, BuiltInResources.Pods, ClusterObjects.Pod(nodes), pods);
    }

    private static void Fill(ClusterStore store, ResourceKey key, ObjectTemplate template, int count)
    {
        byte[] text = new byte[template.Length];
        for (int i = 0; i < count; i++)
        {
            template.Write(text, i, i);
            JsonObject body = JsonNode.Parse(text)!.AsObject();
            body["metadata"]!.AsObject().Remove("ownerReferences");
            store.Create(key, body);
        }
    }
}
