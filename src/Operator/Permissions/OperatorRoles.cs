namespace GpuStack.Operator.Permissions;

/// <summary>
/// The roles of the operator, split so that an installation has only those of what it uses. The <c>Role</c> of an <c>[EntityRbac]</c> names
/// one of them; without it, entities of namespaces go to <see cref="Namespaces"/> and those of the cluster to <see cref="Fleet"/>.
/// </summary>
internal static class OperatorRoles
{
    /// <summary>The prefix of their names, and the operator's name where names are fixed.</summary>
    public const string Operator = "gpustack-operator";

    /// <summary>The namespace that the committed files speak of.</summary>
    public const string OwnNamespace = "gpustack-system";

    /// <summary>What is done in the namespaces that are served.</summary>
    public const string Namespaces = "namespaces";

    /// <summary>What is read of the cluster's own objects.</summary>
    public const string Fleet = "fleet";

    /// <summary>Pods of all namespaces, for an operator that serves some namespaces and yet counts the GPUs that others take.</summary>
    public const string FleetPods = "fleet-pods";

    /// <summary>The lease of the election.</summary>
    public const string LeaderElection = "leader-election";

    /// <summary>Asking who a scraper is and what it may do.</summary>
    public const string MetricsAuth = "metrics-auth";

    /// <summary>What a scraper needs; bound to Prometheus by whoever installs it.</summary>
    public const string MetricsReader = "metrics-reader";

    /// <summary>The Secret with the webhook's certificate.</summary>
    public const string Webhook = "webhook";

    /// <summary>The webhook's configuration, which the certificate's authority is written into.</summary>
    public const string WebhookConfiguration = "webhook-configuration";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<OperatorRole> All { get; } =
    [
        new(Namespaces, RoleReach.Namespaces),
        new(Fleet, RoleReach.Cluster),
        new(FleetPods, RoleReach.Cluster),
        new(LeaderElection, RoleReach.OwnNamespace),
        new(MetricsAuth, RoleReach.Cluster),
        new(MetricsReader, RoleReach.Cluster, IsBound: false),
        new(Webhook, RoleReach.OwnNamespace),
        new(WebhookConfiguration, RoleReach.Cluster),
    ];
}
