namespace GpuStack.Simulator.Storage;

/// <summary>The resources that exist without any CustomResourceDefinition.</summary>
public static class BuiltInResources
{
    public static readonly ResourceKey Nodes = new("", "nodes");
    public static readonly ResourceKey Namespaces = new("", "namespaces");
    public static readonly ResourceKey Pods = new("", "pods");
    public static readonly ResourceKey Services = new("", "services");
    public static readonly ResourceKey Endpoints = new("", "endpoints");
    public static readonly ResourceKey ConfigMaps = new("", "configmaps");
    public static readonly ResourceKey Secrets = new("", "secrets");
    public static readonly ResourceKey ServiceAccounts = new("", "serviceaccounts");
    public static readonly ResourceKey PersistentVolumes = new("", "persistentvolumes");
    public static readonly ResourceKey PersistentVolumeClaims = new("", "persistentvolumeclaims");

    /// <summary>Events, kept in the shape of core v1 and shown as events.k8s.io/v1 too.</summary>
    public static readonly ResourceKey Events = new("", "events");
    public static readonly ResourceKey ResourceQuotas = new("", "resourcequotas");
    public static readonly ResourceKey LimitRanges = new("", "limitranges");
    public static readonly ResourceKey StatefulSets = new("apps", "statefulsets");
    public static readonly ResourceKey Deployments = new("apps", "deployments");
    public static readonly ResourceKey ReplicaSets = new("apps", "replicasets");
    public static readonly ResourceKey DaemonSets = new("apps", "daemonsets");
    public static readonly ResourceKey ControllerRevisions = new("apps", "controllerrevisions");
    public static readonly ResourceKey Jobs = new("batch", "jobs");
    public static readonly ResourceKey PodDisruptionBudgets = new("policy", "poddisruptionbudgets");
    public static readonly ResourceKey NetworkPolicies = new("networking.k8s.io", "networkpolicies");
    public static readonly ResourceKey EndpointSlices = new("discovery.k8s.io", "endpointslices");
    public static readonly ResourceKey Leases = new("coordination.k8s.io", "leases");
    public static readonly ResourceKey CustomResourceDefinitions = new("apiextensions.k8s.io", "customresourcedefinitions");
    public static readonly ResourceKey Roles = new("rbac.authorization.k8s.io", "roles");
    public static readonly ResourceKey RoleBindings = new("rbac.authorization.k8s.io", "rolebindings");
    public static readonly ResourceKey ClusterRoles = new("rbac.authorization.k8s.io", "clusterroles");
    public static readonly ResourceKey ClusterRoleBindings = new("rbac.authorization.k8s.io", "clusterrolebindings");
    public static readonly ResourceKey StorageClasses = new("storage.k8s.io", "storageclasses");
    public static readonly ResourceKey PriorityClasses = new("scheduling.k8s.io", "priorityclasses");
    public static readonly ResourceKey ResourceSlices = new("resource.k8s.io", "resourceslices");
    public static readonly ResourceKey ValidatingWebhookConfigurations = new("admissionregistration.k8s.io", "validatingwebhookconfigurations");
    public static readonly ResourceKey MutatingWebhookConfigurations = new("admissionregistration.k8s.io", "mutatingwebhookconfigurations");

    /// <summary>All of them, as a new <see cref="ClusterStore"/> knows them.</summary>
    public static IReadOnlyList<ResourceDefinition> All { get; } =
    [
        Cluster(Nodes, "v1", "Node") with { HasStatus = true },
        Cluster(Namespaces, "v1", "Namespace") with { HasStatus = true },
        Spec(Pods, "v1", "Pod") with { DeletesGracefully = true },
        Plain(Services, "v1", "Service") with { HasStatus = true },
        Plain(Endpoints, "v1", "Endpoints"),
        Plain(ConfigMaps, "v1", "ConfigMap"),
        Plain(Secrets, "v1", "Secret"),
        Plain(ServiceAccounts, "v1", "ServiceAccount"),
        Cluster(PersistentVolumes, "v1", "PersistentVolume") with { HasStatus = true },
        Plain(PersistentVolumeClaims, "v1", "PersistentVolumeClaim") with { HasStatus = true },
        Plain(Events, "v1", "Event"),
        Plain(ResourceQuotas, "v1", "ResourceQuota") with { HasStatus = true },
        Plain(LimitRanges, "v1", "LimitRange"),
        Spec(StatefulSets, "apps/v1", "StatefulSet"),
        Spec(Deployments, "apps/v1", "Deployment"),
        Spec(ReplicaSets, "apps/v1", "ReplicaSet"),
        Spec(DaemonSets, "apps/v1", "DaemonSet"),
        Plain(ControllerRevisions, "apps/v1", "ControllerRevision"),
        Spec(Jobs, "batch/v1", "Job"),
        Spec(PodDisruptionBudgets, "policy/v1", "PodDisruptionBudget"),
        Plain(NetworkPolicies, "networking.k8s.io/v1", "NetworkPolicy") with { TracksGeneration = true },
        Plain(EndpointSlices, "discovery.k8s.io/v1", "EndpointSlice") with { TracksGeneration = true },
        Plain(Leases, "coordination.k8s.io/v1", "Lease"),
        Cluster(CustomResourceDefinitions, "apiextensions.k8s.io/v1", "CustomResourceDefinition") with { HasStatus = true, TracksGeneration = true },
        Plain(Roles, "rbac.authorization.k8s.io/v1", "Role"),
        Plain(RoleBindings, "rbac.authorization.k8s.io/v1", "RoleBinding"),
        Cluster(ClusterRoles, "rbac.authorization.k8s.io/v1", "ClusterRole"),
        Cluster(ClusterRoleBindings, "rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
        Cluster(StorageClasses, "storage.k8s.io/v1", "StorageClass"),
        Cluster(PriorityClasses, "scheduling.k8s.io/v1", "PriorityClass") with { TracksGeneration = true },
        Cluster(ResourceSlices, "resource.k8s.io/v1", "ResourceSlice") with { TracksGeneration = true },
        Cluster(ValidatingWebhookConfigurations, "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration") with { TracksGeneration = true },
        Cluster(MutatingWebhookConfigurations, "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration") with { TracksGeneration = true },
    ];

    private static ResourceDefinition Cluster(ResourceKey key, string apiVersion, string kind) => new(key, apiVersion, kind, Namespaced: false);

    private static ResourceDefinition Plain(ResourceKey key, string apiVersion, string kind) => new(key, apiVersion, kind, Namespaced: true);

    private static ResourceDefinition Spec(ResourceKey key, string apiVersion, string kind) =>
        new(key, apiVersion, kind, Namespaced: true) { HasStatus = true, TracksGeneration = true };
}
