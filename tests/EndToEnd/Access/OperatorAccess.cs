using System.Text.Json.Nodes;
using GpuStack.Simulator;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Access;

/// <summary>
/// Makes the operator what it is in a cluster that evaluates roles: the ServiceAccount of <c>config/rbac</c>, with the roles that are committed
/// there and no others. The test itself is the administrator.
/// </summary>
internal static class OperatorAccess
{
    public const string Namespace = "gpustack-system";
    public const string Account = "gpustack-operator";

    /// <summary>The operator's name as a user.</summary>
    public const string User = $"system:serviceaccount:{Namespace}:{Account}";

    /// <summary>The roles of a webhook whose certificate is the operator's own.</summary>
    public static IReadOnlyList<string> WebhookRoles { get; } = ["../webhook/webhook_role", "../webhook/webhook_configuration_role"];

    /// <summary>Installs what <c>kubectl apply -k config/rbac</c> does.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="more">Further files of <c>config/rbac</c>, for what is not on by default.</param>
    /// <returns>The operator's kubeconfig.</returns>
    public static string Install(SimulatedCluster cluster, params string[] more)
    {
        cluster.Store.Create(BuiltInResources.Namespaces, new JsonObject { ["metadata"] = new JsonObject { ["name"] = Namespace } });
        foreach (var file in RoleFile.Parse("kustomization.yaml")["resources"]!.AsArray().Select(file => file.AsText()!).Concat(more))
            Create(cluster, RoleFile.Parse(file));
        return cluster.ServiceAccountKubeconfigYaml(Namespace, Account);
    }

    /// <summary>Gives the operator what <c>kubectl apply -k config/webhook</c> does besides registering the webhook.</summary>
    public static void InstallWebhook(SimulatedCluster cluster)
    {
        foreach (var file in WebhookRoles)
        {
            Create(cluster, RoleFile.Parse($"{file}.yaml"));
            Create(cluster, RoleFile.Parse($"{file}_binding.yaml"));
        }
    }

    /// <summary>
    /// Takes the rights in the whole cluster away, and gives what an operator needs that serves some namespaces only: in each of them a Role with
    /// the rules of <c>role.yaml</c>; of the cluster, what there is of its own objects.
    /// </summary>
    /// <param name="cluster">The cluster, where the operator is installed.</param>
    /// <param name="namespaces">The namespaces.</param>
    /// <param name="seesAllPods">Whether it may see the pods of all namespaces.</param>
    public static void Narrow(SimulatedCluster cluster, IEnumerable<string> namespaces, bool seesAllPods)
    {
        cluster.Store.Delete(BuiltInResources.ClusterRoleBindings, null, Account);
        cluster.Store.Delete(BuiltInResources.ClusterRoles, null, Account);
        foreach (var name in namespaces)
        {
            Create(cluster, InNamespace(RoleFile.Parse("role.yaml"), name));
            Create(cluster, InNamespace(RoleFile.Parse("role_binding.yaml"), name));
        }
        if (!seesAllPods)
            return;
        Create(cluster, RoleFile.Parse("fleet_pods_role.yaml"));
        Create(cluster, RoleFile.Parse("fleet_pods_role_binding.yaml"));
    }

    /// <summary>Fails with all that the operator was refused.</summary>
    public static void AssertNothingWasRefused(SimulatedCluster cluster)
    {
        var refused = cluster.Access.Refusals.Where(refusal => refusal.User == User).Select(refusal => refusal.Message).Distinct(StringComparer.Ordinal).ToList();
        Assert.True(refused.Count == 0, $"The generated roles do not allow what the operator does; add an [EntityRbac] where it is done:\n{string.Join('\n', refused)}");
    }

    private static void Create(SimulatedCluster cluster, JsonObject body) => cluster.Store.Create(
        BuiltInResources.All.First(definition => definition.Kind == body["kind"].AsText()).Key, body);

    private static JsonObject InNamespace(JsonObject body, string name)
    {
        body["kind"] = body["kind"].AsText()!.Replace("ClusterRole", "Role", StringComparison.Ordinal);
        body["metadata"]!["namespace"] = name;
        if (body["roleRef"] is { } role)
            role["kind"] = "Role";
        return body;
    }
}
