namespace GpuStack.Operator.Commands.Generate;

/// <summary>The operator's role, for kustomize and for the chart.</summary>
internal static class RbacFiles
{
    public const string KustomizePath = "config/rbac/role.yaml";

    public const string ChartPath = "charts/gpustack-operator/files/role.yaml";

    public static IReadOnlyList<string> Write(GeneratedFolder folder)
    {
        var yaml = OperatorRole.Yaml(OperatorRole.Rules(typeof(RbacFiles).Assembly));
        return [folder.Write(KustomizePath, yaml), folder.Write(ChartPath, yaml)];
    }
}
