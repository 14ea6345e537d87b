namespace GpuStack.Charts.Tests.Renderings;

/// <summary>Roles whose rules are generated from code that is not there yet: until then they are rendered without rules.</summary>
internal static class AwaitedRoles
{
    private static readonly (string Suffix, string File)[] Roles =
    [
        ("-webhook", "webhook_role.yaml"),
        ("-webhook-configuration", "webhook_configuration_role.yaml"),
        ("-metrics-auth", "metrics_auth_role.yaml"),
        ("-metrics-reader", "metrics_reader_role.yaml"),
    ];

    /// <summary>The file that a role's rules will come from; null where they are there.</summary>
    public static string? FileOf(string role) => Roles
        .Where(one => role.EndsWith(one.Suffix, StringComparison.Ordinal))
        .Select(one => Path.Combine("files", "rbac", one.File))
        .FirstOrDefault(file => !File.Exists(Path.Combine(Repository.Chart, file)));
}
