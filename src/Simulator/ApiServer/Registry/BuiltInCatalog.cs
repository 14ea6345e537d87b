using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.BuiltIn;
using GpuStack.Simulator.ApiServer.Events;
using GpuStack.Simulator.ApiServer.Tables;
using GpuStack.Simulator.ApiServer.Types;
using GpuStack.Simulator.ApiServer.Validation;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Registry;

/// <summary>The built-in resources with their names, rules and tables.</summary>
internal static class BuiltInCatalog
{
    private static readonly string[] All = ["all"];
    private static readonly string[] InvolvedObject =
        [.. new[] { "kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath" }.Select(field => $"involvedObject.{field}"),
         "reason", "reportingComponent", "source", "type"];

    private static readonly ScalePaths WorkloadScale = new(["spec", "replicas"], ["status", "replicas"], ["spec", "selector"]);

    /// <summary>All built-in resources.</summary>
    /// <param name="addresses">Gives services their cluster addresses.</param>
    public static IReadOnlyList<ApiResource> Create(ServiceAddresses addresses) =>
    [
        Make(BuiltInResources.ConfigMaps, "configmap", new Hooks { Validation = ObjectValidation.Immutable }, BuiltInTables.ConfigMaps, "cm"),
        Make(BuiltInResources.Endpoints, "endpoints", new Hooks(), TableLayout.Plain, "ep"),
        Make(BuiltInResources.Events, "event", new Hooks { Validation = ObjectValidation.Event }, EventTable.Of(
            "involvedObject", "message", "count", "firstTimestamp", "lastTimestamp", "source"), "ev") with { SelectableFields = InvolvedObject },
        Make(BuiltInResources.LimitRanges, "limitrange", new Hooks(), TableLayout.Plain, "limits"),
        Make(BuiltInResources.Namespaces, "namespace", new Hooks { Name = NameRule.Label }, BuiltInTables.Namespaces, "ns") with
        {
            Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
            SelectableFields = ["status.phase"],
            Actions = [("finalize", "", "v1", "Namespace")],
        },
        Make(BuiltInResources.Nodes, "node", new Hooks(), BuiltInTables.Nodes, "no") with { SelectableFields = ["spec.unschedulable"] },
        Make(BuiltInResources.PersistentVolumeClaims, "persistentvolumeclaim",
            new Hooks { Defaults = Defaults.PersistentVolumeClaim, Validation = ObjectValidation.Claim }, BuiltInTables.Claims, "pvc") with { ReturnsDeleted = true },
        Make(BuiltInResources.PersistentVolumes, "persistentvolume", new Hooks { Defaults = Defaults.PersistentVolume }, BuiltInTables.Volumes, "pv") with
        {
            ReturnsDeleted = true,
        },
        Make(BuiltInResources.Pods, "pod", new Hooks { Defaults = PodDefaults.Pod, Validation = WorkloadValidation.Pod, OnCreate = NewPod },
            BuiltInTables.Pods, "po") with
        {
            Categories = All,
            ReturnsDeleted = true,
            SelectableFields = ["spec.nodeName", "status.phase", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.podIP", "status.nominatedNodeName"],
            Actions = [("binding", "", "v1", "Binding"), ("eviction", "policy", "v1", "Eviction")],
        },
        Make(BuiltInResources.ResourceQuotas, "resourcequota", new Hooks { Validation = AdmissionValidation.Quota }, TableLayout.Plain, "quota") with { ReturnsDeleted = true },
        Make(BuiltInResources.Secrets, "secret", new Hooks { Defaults = Defaults.Secret, Validation = ObjectValidation.Immutable }, BuiltInTables.Secrets)
            with { SelectableFields = ["type"] },
        Make(BuiltInResources.ServiceAccounts, "serviceaccount", new Hooks(), TableLayout.Plain, "sa") with
        {
            ReturnsDeleted = true,
            Actions = [("token", "authentication.k8s.io", "v1", "TokenRequest")],
        },
        Make(BuiltInResources.Services, "service", new Hooks
        {
            Name = NameRule.Label1035,
            Defaults = Defaults.Service,
            Validation = ObjectValidation.Service,
            OnCreate = addresses.Assign,
            OnUpdate = ServiceAddresses.Keep,
        }, BuiltInTables.Services, "svc") with { Categories = All, SelectableFields = ["spec.clusterIP", "spec.type"] },
        Make(BuiltInResources.ControllerRevisions, "controllerrevision", new Hooks(), TableLayout.Plain),
        Make(BuiltInResources.DaemonSets, "daemonset", new Hooks { Defaults = PodDefaults.Template }, TableLayout.Plain, "ds") with { Categories = All },
        Make(BuiltInResources.Deployments, "deployment", new Hooks { Defaults = Defaults.Deployment, Validation = WorkloadValidation.Deployment },
            BuiltInTables.Deployments, "deploy") with { Categories = All, Scale = WorkloadScale },
        Make(BuiltInResources.ReplicaSets, "replicaset", new Hooks { Defaults = Defaults.ReplicaSet, Validation = WorkloadValidation.Deployment, OnCreate = Replicas },
            BuiltInTables.ReplicaSets, "rs") with { Categories = All, Scale = WorkloadScale },
        Make(BuiltInResources.StatefulSets, "statefulset", new Hooks { Defaults = Defaults.StatefulSet, Validation = WorkloadValidation.StatefulSet, OnCreate = StatefulStatus },
            BuiltInTables.StatefulSets, "sts") with { Categories = All, Scale = WorkloadScale },
        NewEvents(),
        Make(BuiltInResources.Jobs, "job", new Hooks { Defaults = PodDefaults.Template }, TableLayout.Plain) with { Categories = All },
        Make(BuiltInResources.NetworkPolicies, "networkpolicy", new Hooks { Defaults = Defaults.NetworkPolicy }, BuiltInTables.NetworkPolicies, "netpol"),
        Make(BuiltInResources.PodDisruptionBudgets, "poddisruptionbudget",
            new Hooks { Validation = ObjectValidation.DisruptionBudget, OnCreate = BudgetStatus }, BuiltInTables.DisruptionBudgets, "pdb"),
        Make(BuiltInResources.ClusterRoleBindings, "clusterrolebinding", Rbac(Defaults.Binding), BuiltInTables.RoleBindings),
        Make(BuiltInResources.ClusterRoles, "clusterrole", Rbac(null), TableLayout.Fallback),
        Make(BuiltInResources.RoleBindings, "rolebinding", Rbac(Defaults.Binding), BuiltInTables.RoleBindings),
        Make(BuiltInResources.Roles, "role", Rbac(null), TableLayout.Fallback),
        Make(BuiltInResources.StorageClasses, "storageclass", new Hooks { Defaults = Defaults.StorageClass }, BuiltInTables.StorageClasses, "sc"),
        Make(BuiltInResources.MutatingWebhookConfigurations, "mutatingwebhookconfiguration", new Hooks { Defaults = Defaults.Webhooks }, TableLayout.Plain),
        Make(BuiltInResources.ValidatingWebhookConfigurations, "validatingwebhookconfiguration",
            new Hooks { Defaults = Defaults.Webhooks, Validation = AdmissionValidation.Webhooks }, TableLayout.Plain),
        Make(BuiltInResources.CustomResourceDefinitions, "customresourcedefinition", new Hooks { Defaults = Defaults.CustomResourceDefinition },
            TableLayout.Fallback, "crd", "crds") with { Categories = ["api-extensions"] },
        Make(BuiltInResources.PriorityClasses, "priorityclass", new Hooks(), TableLayout.Plain, "pc"),
        Make(BuiltInResources.Leases, "lease", new Hooks { Validation = ObjectValidation.Lease }, BuiltInTables.Leases),
        Make(BuiltInResources.EndpointSlices, "endpointslice", new Hooks(), TableLayout.Plain),
        Make(BuiltInResources.ResourceSlices, "resourceslice", new Hooks(), BuiltInTables.ResourceSlices) with
        {
            SelectableFields = ["spec.nodeName", "spec.driver", "spec.pool.name"],
        },
    ];

    private static ApiResource Make(ResourceKey key, string singular, Hooks hooks, TableLayout table, params string[] shortNames)
    {
        var definition = BuiltInResources.All.First(item => item.Key == key);
        var version = definition.ApiVersion[(definition.ApiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var shape = TypeLibrary.Kind(definition.Kind);
        return new ApiResource
        {
            Definition = definition,
            Group = key.Group,
            Version = version,
            Plural = key.Resource,
            Singular = singular,
            Kind = definition.Kind,
            ListKind = definition.Kind + "List",
            Shape = shape,
            Rules = hooks.ToRules(shape, definition.Kind, version),
            Table = table,
            ShortNames = shortNames,
        };
    }

    private static ApiResource NewEvents()
    {
        var shape = TypeLibrary.Kind("events.k8s.io.Event");
        var hooks = new Hooks { Validation = ObjectValidation.NewEvent };
        return new ApiResource
        {
            Definition = BuiltInResources.All.First(item => item.Key == BuiltInResources.Events),
            Group = "events.k8s.io",
            Version = "v1",
            Plural = "events",
            Singular = "event",
            Kind = "Event",
            ListKind = "EventList",
            Shape = shape,
            Rules = hooks.ToRules(shape, "Event", "v1"),
            Table = EventTable.Of("regarding", "note", "deprecatedCount", "deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedSource"),
            ShortNames = ["ev"],
            Conversion = new EventConversion(),
            SelectableFields = ["reason", "reportingController", "type", "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion"],
        };
    }

    private static Hooks Rbac(Action<JsonObject>? defaults) => new() { Name = NameRule.PathSegment, Defaults = defaults };

    private static void NewPod(JsonObject body)
    {
        body["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodQuality.ClassOf(body["spec"] as JsonObject ?? []) };
    }

    private static void StatefulStatus(JsonObject body) => body["status"] = new JsonObject { ["replicas"] = 0L, ["availableReplicas"] = 0L };

    private static void Replicas(JsonObject body) => body["status"] = new JsonObject { ["replicas"] = 0L };

    private static void BudgetStatus(JsonObject body) => body["status"] = new JsonObject
    {
        ["disruptionsAllowed"] = 0L,
        ["currentHealthy"] = 0L,
        ["desiredHealthy"] = 0L,
        ["expectedPods"] = 0L,
    };

    private sealed record Hooks
    {
        public NameRule Name { get; init; } = NameRule.Subdomain;

        public Action<JsonObject>? Defaults { get; init; }

        public Action<JsonObject>? OnCreate { get; init; }

        public Action<JsonObject, JsonObject>? OnUpdate { get; init; }

        public BuiltInRules.Validator? Validation { get; init; }

        public BuiltInRules ToRules(FieldShape shape, string kind, string version) => new(shape, kind, version)
        {
            Name = Name,
            Defaults = Defaults,
            OnCreate = OnCreate,
            OnUpdate = OnUpdate,
            Validation = Validation,
        };
    }
}
