using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuStack.Trimmed;

/// <summary>
/// List, watch, apply (with a conflict and a change), an informer with an index, and delete: one object of a plain type and
/// one with quantities, probes and ports. Every step is a line.
/// </summary>
internal sealed class Tour(IKubernetesClient client, TextWriter output)
{
    private const string Namespace = "default";
    private const string Label = "trimmed";

    private static readonly ApplyOptions Own = new("trimmed");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var nodes = await client.ListAsync<V1Node>(cancellationToken: cancellationToken);
        foreach (var node in nodes.Items) await output.WriteLineAsync($"node: {node.Metadata.Name}, memory {node.Status?.Capacity?["memory"]}");

        var before = await client.ListAsync<V1ConfigMap>(Namespace, new ListOptions { LabelSelector = Label }, cancellationToken);
        await output.WriteLineAsync($"listed: {before.Items.Count} config maps");

        var applied = await client.ApplyAsync(ConfigMap("one"), Own, cancellationToken);
        await output.WriteLineAsync($"applied: {applied.Metadata.Name} {applied.Data!["value"]}");
        await ConflictAsync(cancellationToken);
        await client.ApplyAsync(ConfigMap("two"), Own, cancellationToken);
        await WatchAsync(before.Metadata.ResourceVersion, cancellationToken);

        var set = await client.ApplyAsync(StatefulSet(), Own, cancellationToken);
        var container = set.Spec!.Template!.Spec!.Containers![0];
        await output.WriteLineAsync($"applied: {set.Metadata.Name} memory {container.Resources!.Requests!["memory"]} port {container.ReadinessProbe!.HttpGet!.Port}");
        await InformAsync(cancellationToken);

        await client.DeleteAsync<V1StatefulSet>(set.Metadata.Name!, Namespace, new DeleteOptions { PropagationPolicy = PropagationPolicy.Background }, cancellationToken);
        var deleted = await client.DeleteAsync<V1ConfigMap>("trimmed", Namespace, cancellationToken: cancellationToken);
        var gone = await client.GetAsync<V1ConfigMap>("trimmed", Namespace, cancellationToken);
        await output.WriteLineAsync($"deleted: {deleted}, then {(gone is null ? "gone" : "still there")}");
    }

    private static V1ConfigMap ConfigMap(string value) => new()
    {
        Metadata = new V1ObjectMeta { Name = "trimmed", Namespace = Namespace, Labels = new Dictionary<string, string> { [Label] = "yes" } },
        Data = new Dictionary<string, string> { ["value"] = value },
    };

    private static V1StatefulSet StatefulSet() => new()
    {
        Metadata = new V1ObjectMeta { Name = "trimmed", Namespace = Namespace },
        Spec = new V1StatefulSetSpec
        {
            Replicas = 0,
            ServiceName = "trimmed",
            Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [Label] = "yes" } },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { [Label] = "yes" } },
                Spec = new V1PodSpec
                {
                    Containers =
                    [
                        new V1Container
                        {
                            Name = "server",
                            Image = "registry.example/server:1",
                            Resources = new V1ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("1536Mi") } },
                            ReadinessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Path = "/health", Port = "http" } },
                            Ports = [new V1ContainerPort { Name = "http", ContainerPort = 8080 }],
                        },
                    ],
                },
            },
        },
    };

    private async Task ConflictAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.ApplyAsync(ConfigMap("another"), new ApplyOptions("someone-else"), cancellationToken);
            await output.WriteLineAsync("conflict: none");
        }
        catch (KubernetesException refused) when (refused.IsConflict)
        {
            await output.WriteLineAsync($"conflict: {refused.Status.Details?.Causes?[0].Reason} {refused.Status.Details?.Causes?[0].Field}");
        }
    }

    private async Task WatchAsync(string? from, CancellationToken cancellationToken)
    {
        var options = new WatchOptions { LabelSelector = Label, ResourceVersion = from, Timeout = TimeSpan.FromSeconds(30) };
        await foreach (var change in client.WatchAsync<V1ConfigMap>(Namespace, options, cancellationToken))
        {
            if (change.Type == WatchEventType.Bookmark) continue;
            await output.WriteLineAsync($"watched: {change.Type} {change.Object.Metadata.Name} {change.Object.Data!["value"]}");
            if (change.Object.Data["value"] == "two") return;
        }

        throw new InvalidOperationException("The watch ended before it showed the second change.");
    }

    private async Task InformAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var informer = new Informer<V1ConfigMap>(client, new InformerOptions<V1ConfigMap> { Namespaces = [Namespace] }, TimeProvider.System, NullLoggerFactory.Instance);
        informer.AddIndex("value", map => map.Data is { } data && data.TryGetValue("value", out var value) ? [value] : []);
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        informer.AddHandler(change =>
        {
            if (change.Object.Data is { } data && data.TryGetValue("value", out var value) && value == "three") changed.TrySetResult();
        });
        var run = informer.RunAsync(stop.Token);
        await informer.InitialSync.WaitAsync(cancellationToken);
        await output.WriteLineAsync($"indexed: {informer.Cache.ListByIndex("value", "two").Count} of two, {informer.Cache.ListByIndex("value", "three").Count} of three");
        await client.ApplyAsync(ConfigMap("three"), Own, cancellationToken);
        await changed.Task.WaitAsync(cancellationToken);
        await output.WriteLineAsync($"indexed: {informer.Cache.ListByIndex("value", "two").Count} of two, {informer.Cache.ListByIndex("value", "three").Count} of three");
        await stop.CancelAsync();
        await run;
    }
}
