using System.Text.Json;
using GpuStack.Entities;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Simulator;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Storage;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>
/// The running pieces of a demo, in the order of a real installation: cluster, CRD, operator, deployments, events. All
/// but the timeline goes through the API server over HTTP.
/// </summary>
internal sealed class DemoSession : IAsyncDisposable
{
    private const string FieldManager = "gpustack-demo";

    /// <summary>Nobody waits minutes in a demo for a lost or closed node to be given up.</summary>
    private static readonly TimeSpan Toleration = TimeSpan.FromSeconds(2);

    private readonly DemoInput _input;
    private readonly DemoOptions _options;
    private readonly DemoReport _report;
    private readonly SimulatedCluster _cluster;
    private readonly KubernetesClient _client;
    private readonly ILoggerFactory _loggers;
    private readonly OperatorSettings _settings;
    private readonly CancellationTokenSource _stop = new();
    private readonly DemoTimeline _timeline;
    private readonly List<ModelDeployment> _applied = [];
    private Task _operator = Task.CompletedTask;

    private DemoSession(DemoInput input, DemoOptions options, DemoReport report, SimulatedCluster cluster)
    {
        _input = input;
        _options = options;
        _report = report;
        _cluster = cluster;
        _client = new KubernetesClient(
            KubernetesClientConfiguration.FromText(cluster.KubeconfigYaml), new KubernetesJson(EntitiesJsonContext.Default), TimeProvider.System);
        _loggers = ConsoleLogging.Create(options.Verbose ? LogLevel.Information : LogLevel.Error);
        _settings = new OperatorSettings
        {
            HealthPort = null,
            Identity = "demo",
            HuggingFaceEndpoint = cluster.HubUrl!,
            ModelScopeEndpoint = cluster.HubUrl!,
            SupervisorUrl = cluster.SupervisorUrl,
            NodeLostToleration = Toleration,
            UnschedulableToleration = Toleration,
        };
        _timeline = new DemoTimeline(cluster.Store, TimeProvider.System, report.Created);
    }

    /// <summary>For kubectl.</summary>
    public string KubeconfigYaml => _cluster.KubeconfigYaml;

    /// <exception cref="InputException">The samples of models are not there.</exception>
    public static async Task<DemoSession> StartAsync(DemoInput input, DemoOptions options, DemoReport report, CancellationToken cancellationToken)
    {
        try
        {
            var cluster = await SimulatedCluster.StartAsync(
                new SimulatedClusterOptions
                {
                    Nodes = input.Nodes,
                    ResourceSlices = input.Slices,
                    HubDirectory = Path.Combine(DemoInput.SamplesFolder, "models"),
                    // Pods of Jobs and of `helm test` do what they are for at once.
                    Kubelets = new KubeletBehaviour { WorkTime = TimeSpan.Zero },
                },
                cancellationToken);
            report.Started(cluster.ApiServerUrl, cluster.HubUrl!);
            return new DemoSession(input, options, report, cluster);
        }
        catch (InvalidDataException exception)
        {
            throw new InputException($"The sample models are damaged: {exception.Message}", exception);
        }
    }

    public async Task<DemoOutcome> RunAsync(CancellationToken cancellationToken)
    {
        await InstallAsync(cancellationToken);
        _operator = OperatorHost.RunAsync(_client, _settings, TimeProvider.System, _loggers, _stop.Token);
        using var patience = new CancellationTokenSource(_options.Timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var judge = new DemoJudge(_client, _settings);
        _timeline.Start();
        DemoVerdict verdict;
        try
        {
            await ApplyAsync(_input.Deployments, either.Token);
            foreach (var step in _input.Events)
                await StepAsync(step, judge, either.Token);
            verdict = await SettleAsync(judge, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            verdict = new DemoVerdict(DemoVerdictKind.Failed, $"not settled within {_options.Timeout.TotalSeconds:0} s");
        }
        var elapsed = _timeline.Elapsed;
        var subject = Subject();
        var final = subject is null ? null : await _client.GetAsync<ModelDeployment>(subject.Metadata.Name!, subject.Metadata.Namespace, cancellationToken);
        return new DemoOutcome(
            subject?.Metadata.Name ?? "",
            verdict.Kind == DemoVerdictKind.Ready,
            verdict.Problem,
            elapsed,
            final is null ? null : await new DemoPlan(_client, _settings).OfAsync(final, _input.Nodes, _input.Slices, cancellationToken),
            _timeline.Created,
            final?.Status?.Conditions ?? [],
            [.. _cluster.UnsupportedRequests.Select(r => r.ToString())]);
    }

    /// <summary>Keeps everything running; ends with the operator if that ends.</summary>
    public Task StayAsync(CancellationToken cancellationToken) => _operator.WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _operator.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timeline.DisposeAsync();
        _client.Dispose();
        await _cluster.DisposeAsync();
        _loggers.Dispose();
        _stop.Dispose();
    }

    private async Task InstallAsync(CancellationToken cancellationToken)
    {
        var json = new KubernetesJson(EntitiesJsonContext.Default);
        var definition = ModelDeploymentCrd.Json.Deserialize(json.TypeInfo<V1CustomResourceDefinition>())!;
        await _client.ApplyAsync(definition, new ApplyOptions(FieldManager, force: true), cancellationToken);
        await _cluster.WaitAsync(BuiltInResources.CustomResourceDefinitions, null, definition.Metadata.Name!, IsEstablished, cancellationToken);
    }

    private static bool IsEstablished(StoredObject definition) =>
        definition.Body["status"]?["conditions"]?.AsArray().Any(c => c?["type"].AsText() == "Established" && c["status"].AsText() == "True") == true;

    private async Task ApplyAsync(IEnumerable<ModelDeployment> deployments, CancellationToken cancellationToken)
    {
        foreach (var deployment in deployments)
        {
            try
            {
                await _client.ApplyAsync(deployment, new ApplyOptions(FieldManager, force: true), cancellationToken);
            }
            catch (KubernetesException exception)
            {
                throw new WorkFailedException($"The cluster refuses deployment {deployment.Metadata.Name}: {exception.Message}", exception);
            }
            _applied.RemoveAll(known => IsSame(known, deployment));
            _applied.Add(deployment);
            _report.Note(_timeline.Elapsed, $"applied ModelDeployment {deployment.Metadata.Name}");
        }
    }

    /// <summary>The first deployment that has not been deleted.</summary>
    private ModelDeployment? Subject() => _applied.FirstOrDefault();

    private static bool IsSame(ModelDeployment left, ModelDeployment right) =>
        left.Metadata.Name == right.Metadata.Name && left.Metadata.Namespace == right.Metadata.Namespace;

    private async Task StepAsync(DemoEvent step, DemoJudge judge, CancellationToken cancellationToken)
    {
        await TriggerAsync(step.After, judge, cancellationToken);
        _report.Note(_timeline.Elapsed, $"{step.After}: {step}");
        switch (step.Action)
        {
            case DemoAction.NodeDown:
                await _cluster.TakeNodeDownAsync(step.Target, cancellationToken);
                break;
            case DemoAction.NodeUp:
                await _cluster.BringNodeUpAsync(step.Target, cancellationToken);
                break;
            case DemoAction.Drain:
                _cluster.Drain(step.Target);
                break;
            case DemoAction.PodFail:
                await FailPodAsync(step, cancellationToken);
                break;
            case DemoAction.Delete:
                if (!await _client.DeleteAsync<ModelDeployment>(step.Target, step.Namespace, cancellationToken: cancellationToken))
                    throw new InputException($"{_options.EventsFile}: there is no deployment {step.Namespace}/{step.Target} to delete; check name.");
                _applied.RemoveAll(d => d.Metadata.Name == step.Target && d.Metadata.Namespace == step.Namespace);
                break;
            default:
                await ApplyAsync(step.Deployments, cancellationToken);
                break;
        }
    }

    private async Task FailPodAsync(DemoEvent step, CancellationToken cancellationToken)
    {
        if (_cluster.Store.Get(BuiltInResources.Pods, step.Namespace, step.Target) is not { } pod)
            throw new InputException($"{_options.EventsFile}: there is no pod {step.Namespace}/{step.Target} to fail at that time; check name.");
        _cluster.FailPod(step.Namespace, step.Target);
        await _cluster.WaitAsync(BuiltInResources.Pods, step.Namespace, step.Target, p => p.ResourceVersion > pod.ResourceVersion, cancellationToken);
    }

    private async Task TriggerAsync(DemoTrigger trigger, DemoJudge judge, CancellationToken cancellationToken)
    {
        if (trigger.Condition is null)
        {
            await Task.Delay(trigger.Delay, TimeProvider.System, cancellationToken);
            return;
        }
        var name = trigger.Deployment ?? Subject()?.Metadata.Name ?? "";
        var subject = _applied.Find(d => d.Metadata.Name == name)
            ?? throw new InputException($"{_options.EventsFile}: no deployment '{name}' was applied before the event that waits for it; check after.");
        while (!await judge.HasConditionAsync(subject, trigger.Condition, trigger.Status, cancellationToken))
            await NextChangeAsync(cancellationToken);
    }

    private async Task<DemoVerdict> SettleAsync(DemoJudge judge, CancellationToken cancellationToken)
    {
        while (Subject() is { } subject)
        {
            var verdict = await judge.JudgeAsync(subject, cancellationToken);
            if (verdict.Kind != DemoVerdictKind.Pending)
                return verdict;
            await NextChangeAsync(cancellationToken);
        }
        return new DemoVerdict(DemoVerdictKind.Failed, "every deployment was deleted");
    }

    /// <summary>Waits for a change, and fails when the operator has ended instead.</summary>
    private async Task NextChangeAsync(CancellationToken cancellationToken)
    {
        var changed = _timeline.ChangedAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(changed, _operator) == _operator)
            await _operator;
        await changed;
    }
}
