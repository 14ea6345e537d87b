using System.Reflection;
using GpuStack.Entities;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Events;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.LeaderElection;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Admission;
using GpuStack.Operator.Controllers;
using GpuStack.Operator.Controllers.Engines;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Metrics;
using GpuStack.Operator.Permissions;
using GpuStack.Operator.Planning;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Hosting;

/// <summary>The operator as a whole: <c>run</c> and <c>demo</c> both run it.</summary>
[EntityRbac(typeof(EventsV1Event), Verbs = RbacVerb.Create | RbacVerb.Patch)]
[EntityRbac(typeof(V1Lease), Role = OperatorRoles.LeaderElection, Verbs = RbacVerb.Create)]
[EntityRbac(typeof(V1Lease), Role = OperatorRoles.LeaderElection, ResourceNames = [LeaseName], Verbs = RbacVerb.Get | RbacVerb.Update)]
public static class OperatorHost
{
    private const string LeaseName = "gpustack-operator";

    /// <summary>Of this program.</summary>
    internal static string Version { get; } =
        typeof(OperatorHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>
    /// Runs until cancelled: the order of start and stop is that of <see cref="ControllerHost"/>.
    /// </summary>
    /// <param name="client">The cluster.</param>
    /// <param name="settings">The installation's settings.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="loggerFactory">Where to log.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="HostStartException">A port is taken.</exception>
    /// <exception cref="CacheSyncException">The cluster does not answer, or the CRD is not installed.</exception>
    /// <exception cref="LeadershipLostException">The lease was lost; the process should end.</exception>
    public static async Task RunAsync(
        IKubernetesClient client, OperatorSettings settings, TimeProvider timeProvider, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        var logger = loggerFactory.CreateLogger("GpuStack.Operator");
        LogMessages.Starting(logger, Version, settings.Namespaces.IsEmpty ? "all" : string.Join(", ", settings.Namespaces), settings.HuggingFaceEndpoint);
        var json = new KubernetesJson(EntitiesJsonContext.Default);
        var hostOptions = new ControllerHostOptions();
        using var host = new ControllerHost(client, json, timeProvider, loggerFactory, hostOptions);
        using var access = settings is { ProtectMetrics: true, Metrics: not null } ? new MetricsAccess(client, settings.MetricsCertificateFolder, timeProvider) : null;
        var healthOptions = new HealthServerOptions
        {
            Address = settings.BindAddress,
            Port = settings.HealthPort,
            MetricsPort = settings.MetricsPort,
            Metrics = settings.Metrics,
            Protection = access?.Protection,
        };
        await using var health = new HealthServer(healthOptions, timeProvider, loggerFactory);
        host.UseHealth(health);
        ClusterApis apis;
        try
        {
            // Before anything is asked of the cluster: whoever waits for it is alive, though not ready.
            await health.StartAsync(cancellationToken);
            apis = await ClusterApis.FindPatientlyAsync(client, settings.Namespaces, hostOptions.CacheSyncTimeout, timeProvider, cancellationToken);
            settings = settings with { ServiceMonitors = apis.ServiceMonitors };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        using var inspector = new ModelInspector(client, settings, timeProvider);
        var events = new EventRecorder(
            client,
            new EventRecorderOptions { ReportingController = "inference.gpustack.io/operator", ReportingInstance = settings.Identity },
            timeProvider,
            loggerFactory);
        host.UseEvents(events);
        using var metrics = Compose(host, client, json, settings, inspector, events, apis.Slices, timeProvider, loggerFactory);
        var elector = settings.LeaderElect
            ? new LeaseElector(
                client,
                new LeaseElectorOptions { Namespace = settings.LeaseNamespace, Name = LeaseName, Identity = settings.Identity },
                timeProvider,
                loggerFactory)
            : null;
        if (settings.TrimMemory)
            host.AddService("memory", new MemoryTrim(timeProvider).RunAsync, needsLeadership: false);
        try
        {
            _ = AnnounceAsync(host, logger);
            await host.RunAsync(elector, cancellationToken);
        }
        finally
        {
            LogMessages.Stopped(logger);
        }
    }

    private static OperatorMetrics Compose(
        ControllerHost host,
        IKubernetesClient client,
        KubernetesJson json,
        OperatorSettings settings,
        ModelInspector inspector,
        EventRecorder events,
        ResourceSliceVersion slices,
        TimeProvider timeProvider,
        ILoggerFactory loggerFactory)
    {
        var cluster = new ClusterView(host, settings, slices);
        var fleet = new FleetSource(settings.Products);
        var desk = new PlanningDesk(fleet);
        var inspection = new ModelInspection(inspector, timeProvider);
        var engines = new EngineReports(settings.SupervisorUrl, timeProvider);
        cluster.AllPods.AddHandler(engines.Follow);
        var statusWriter = new StatusWriter(client, cluster.Deployments.Cache, events, timeProvider, loggerFactory.CreateLogger<StatusWriter>());
        cluster.Deployments.AddHandler(change => statusWriter.Seen(change.Object));
        var metrics = new OperatorMetrics(cluster.Deployments.Cache, key => desk.PlansOf(key).Values, key => EngineFigures.Of(cluster.Pods(key), engines.Of), fleet, Version, timeProvider);
        if (settings.Webhook is { } webhook)
        {
            var knowledge = new AdmissionKnowledge(inspector, cluster.Children<V1PersistentVolumeClaim>, timeProvider);
            AdmissionServer.AddTo(host, client, webhook, knowledge, timeProvider, loggerFactory);
        }
        var creations = new PodCreations(client, cluster.Children<V1StatefulSet>, cluster.Pods, timeProvider);
        var controller = new ModelDeploymentController(
            cluster,
            desk,
            fleet,
            new PlanRestore(cluster, desk, loggerFactory.CreateLogger("GpuStack.Operator.Plans")),
            inspection,
            new GroupExecutor(cluster, new ChildWriter(client, json), settings, loggerFactory.CreateLogger<GroupExecutor>()),
            statusWriter,
            engines,
            creations,
            events,
            metrics.Recovery,
            settings,
            timeProvider,
            loggerFactory.CreateLogger<ModelDeploymentController>());

        // The fleet hears of a change before the controller asks for it: handlers are called in the order in which they were added.
        new FleetFollower(cluster, fleet).Start();
        var loop = host.AddController(controller, builder => (settings.ServiceMonitors ? builder.Owns<V1ServiceMonitor>(ExceptUpdates) : builder)
            .Workers(settings.Workers)
            .When(Predicates.GenerationChanged)
            // How many pods are ready is read off the pods themselves.
            .Owns<V1StatefulSet>(Predicates.GenerationChanged)
            .Owns<V1Service>(ExceptUpdates)
            .Owns<V1ConfigMap>(ExceptUpdates)
            .Owns<V1NetworkPolicy>(ExceptUpdates)
            .Owns<V1PodDisruptionBudget>(ExceptUpdates)
            .Watches<V1PersistentVolumeClaim>(change => cluster.Storage.Concerned(change.Object), StorageView.Matters)
            .Watches<V1PersistentVolume>(change => cluster.Storage.Concerned(change.Object), change => !change.IsInitial)
            .Watches<V1StorageClass>(_ => cluster.Storage.ConcernedByClasses(), change => !change.IsInitial)
            .Watches<V1Pod>(change => ClusterView.Owner(change.Object) is { } owner ? [Key(owner)] : [])
            .Watches<V1Node>(change => desk.DeploymentsOn(change.Object.Metadata.Name ?? "").Select(Key), ReadinessChanged));
        inspection.Answered = deployment => loop.Enqueue(Key(deployment));
        desk.Placed = deployment => loop.Enqueue(Key(deployment));
        engines.Changed = deployment => loop.Enqueue(Key(deployment));
        creations.Changed = deployment => loop.Enqueue(Key(deployment));
        host.AddService("engines", engines.RunAsync, needsLeadership: true);
        host.AddService("metrics", metrics.RunAsync, needsLeadership: true);
        host.AddService("creations", creations.RunAsync, needsLeadership: true);
        host.AddService("capacity", new CapacityWaker(fleet, desk, deployment => loop.Enqueue(Key(deployment)), timeProvider).RunAsync, needsLeadership: true);
        return metrics;
    }

    private static EntityKey Key(DeploymentKey deployment) => new(deployment.Namespace, deployment.Name);

    /// <summary>Children that only the operator changes: what matters is that one appears or goes.</summary>
    private static bool ExceptUpdates<T>(InformerEvent<T> change)
        where T : class, IKubernetesObject => change.Type != InformerEventType.Updated;

    private static bool ReadinessChanged(InformerEvent<V1Node> change) =>
        change.Type == InformerEventType.Deleted
        || (!change.IsInitial && (change.Previous is null || FleetFacts.IsReady(change.Previous) != FleetFacts.IsReady(change.Object)));

    private static async Task AnnounceAsync(ControllerHost host, ILogger logger)
    {
        try
        {
            await host.Synced;
            LogMessages.Synced(logger);
        }
        catch (OperationCanceledException)
        {
            // The host ended before its caches were filled; it says itself why.
        }
    }
}
