using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Permissions;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Controllers;

/// <summary>
/// What the informers know of nodes, pods and children. Pods are watched in the whole cluster even where the operator serves some namespaces
/// only, for every pod takes capacity, unless the settings say otherwise; they are kept without what nobody reads.
/// </summary>
[EntityRbac(typeof(ModelDeployment), typeof(V1Pod), Verbs = RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(
    typeof(V1StatefulSet), typeof(V1Service), typeof(V1ConfigMap), typeof(V1NetworkPolicy), typeof(V1PodDisruptionBudget), typeof(V1ServiceMonitor),
    typeof(V1PersistentVolumeClaim),
    Verbs = RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(typeof(V1Node), typeof(V1PriorityClass), Verbs = RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(typeof(V1Pod), Role = OperatorRoles.FleetPods, Verbs = RbacVerb.List | RbacVerb.Watch)]
internal sealed class ClusterView
{
    private const string ByDeployment = "deployment";

    private readonly Informer<V1Node> _nodes;
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<V1PriorityClass> _priorities;
    private readonly Informer<V1ConfigMap> _plans;
    private readonly Dictionary<Type, Func<DeploymentKey, IEnumerable<IKubernetesObject>>> _children = [];
    private volatile bool _plansTaken;

    public ClusterView(ControllerHost host, OperatorSettings settings, ResourceSliceVersion slices)
    {
        Deployments = host.Informer(new InformerOptions<ModelDeployment> { Namespaces = settings.Namespaces });
        _nodes = host.Informer(new InformerOptions<V1Node> { Projection = CacheTrim.NodeFields, Trim = CacheTrim.Node });
        _pods = host.Informer(new InformerOptions<V1Pod>
        {
            Namespaces = settings.FleetPods == FleetPods.Namespaces ? settings.Namespaces : [],
            Projection = CacheTrim.PodFields,
            Trim = CacheTrim.Pod,
        });
        _pods.AddIndex(ByDeployment, IndexValues);
        _priorities = host.Informer<V1PriorityClass>();
        Slices = SliceView.Of(host, slices);
        _plans = AddChild(host, Children<V1ConfigMap>(settings) with
        {
            Trim = map =>
            {
                CacheTrim.Child(map);
                if (_plansTaken)
                    map.Data = null;
            },
        });
        AddChild<V1Service>(host, settings);
        AddChild<V1NetworkPolicy>(host, settings);
        AddChild<V1PodDisruptionBudget>(host, settings);
        if (settings.ServiceMonitors)
            AddChild<V1ServiceMonitor>(host, settings);
        var claims = AddChild(host, new InformerOptions<V1PersistentVolumeClaim> { Namespaces = settings.Namespaces });
        AddChild<V1StatefulSet>(host, settings);
        Storage = new StorageView(host, Deployments, _pods, claims);
    }

    public Informer<ModelDeployment> Deployments { get; }

    public Informer<V1Node> Nodes => _nodes;

    public Informer<V1Pod> AllPods => _pods;

    /// <summary>What nodes offer by dynamic resource allocation.</summary>
    public SliceView Slices { get; }

    /// <summary>Claims, volumes and storage classes.</summary>
    public StorageView Storage { get; }

    public V1Node? Node(string name) => _nodes.Cache.Get(new EntityKey(null, name));

    /// <summary>The priority of pods of a class; of the default class when none is named, 0 when there is no such class.</summary>
    public int Priority(string? className) => className is null
        ? _priorities.Cache.List().Where(one => one.GlobalDefault is true).Select(one => one.Value ?? 0).DefaultIfEmpty(0).Min()
        : _priorities.Cache.Get(new EntityKey(null, className))?.Value ?? 0;

    /// <summary>The pods of a deployment's groups.</summary>
    public IReadOnlyList<V1Pod> Pods(DeploymentKey deployment) => _pods.Cache.ListByIndex(ByDeployment, deployment.ToString());

    /// <summary>Children of one kind.</summary>
    public IEnumerable<T> Children<T>(DeploymentKey deployment)
        where T : class, IKubernetesObject => _children[typeof(T)](deployment).Cast<T>();

    /// <summary>Children of all kinds.</summary>
    public IEnumerable<IKubernetesObject> Children(DeploymentKey deployment) => _children.Values.SelectMany(list => list(deployment));

    /// <summary>The plans in the ConfigMaps have been taken over and are kept elsewhere: their text is of no use any more.</summary>
    public void ForgetPlanTexts()
    {
        _plansTaken = true;
        foreach (var map in _plans.Cache.List())
            map.Data = null;
    }

    /// <summary>The deployment that an object belongs to by its labels; null for strangers.</summary>
    public static DeploymentKey? Owner(IKubernetesObject entity) => PlansInForce.Owner(entity);

    private void AddChild<T>(ControllerHost host, OperatorSettings settings)
        where T : class, IKubernetesObject =>
        AddChild(host, Children<T>(settings));

    private static InformerOptions<T> Children<T>(OperatorSettings settings)
        where T : class, IKubernetesObject =>
        new() { Namespaces = settings.Namespaces, LabelSelector = GroupLabels.Deployment, Projection = CacheTrim.ChildFields, Trim = CacheTrim.Child };

    private Informer<T> AddChild<T>(ControllerHost host, InformerOptions<T> options)
        where T : class, IKubernetesObject
    {
        var informer = host.Informer(options);
        informer.AddIndex(ByDeployment, IndexValues);
        _children[typeof(T)] = deployment => informer.Cache.ListByIndex(ByDeployment, deployment.ToString());
        return informer;
    }

    private static IEnumerable<string> IndexValues(IKubernetesObject entity) => Owner(entity) is { } owner ? [owner.ToString()] : [];
}
