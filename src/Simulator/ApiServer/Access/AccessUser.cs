namespace GpuStack.Simulator.ApiServer.Access;

/// <summary>Who asks.</summary>
/// <param name="Name">Such as <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
/// <param name="Groups">All groups, also those that every user is in.</param>
internal sealed record AccessUser(string Name, IReadOnlyList<string> Groups)
{
    /// <summary>Members may do everything, whatever roles there are.</summary>
    public const string Masters = "system:masters";

    private const string Authenticated = "system:authenticated";
    private const string ServiceAccountPrefix = "system:serviceaccount:";

    /// <summary>The one whose kubeconfig the server hands out.</summary>
    public static AccessUser Administrator { get; } = new("kubernetes-admin", [Masters, Authenticated]);

    /// <summary>Who gives no credentials.</summary>
    public static AccessUser Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    public bool IsMaster => Groups.Contains(Masters, StringComparer.Ordinal);

    /// <summary>The user that a ServiceAccount is.</summary>
    public static AccessUser OfServiceAccount(string @namespace, string name) =>
        new(ServiceAccountName(@namespace, name), ["system:serviceaccounts", $"system:serviceaccounts:{@namespace}", Authenticated]);

    /// <summary>The user name of a ServiceAccount.</summary>
    public static string ServiceAccountName(string @namespace, string name) => $"{ServiceAccountPrefix}{@namespace}:{name}";

    /// <summary>The ServiceAccount that a user name is; null for other users.</summary>
    public static (string Namespace, string Name)? Account(string user) =>
        user.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) && user[ServiceAccountPrefix.Length..].Split(':') is [{ Length: > 0 } @namespace, { Length: > 0 } name]
            ? (@namespace, name)
            : null;

    /// <summary>The user that somebody is made by impersonation: groups that were not named are those that the name implies.</summary>
    public static AccessUser Impersonated(string name, IReadOnlyList<string> groups)
    {
        if (groups.Count == 0 && Account(name) is { } account)
            return OfServiceAccount(account.Namespace, account.Name);
        return new AccessUser(name, groups.Contains(Authenticated, StringComparer.Ordinal) ? groups : [.. groups, Authenticated]);
    }
}
