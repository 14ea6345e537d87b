using System.Diagnostics.CodeAnalysis;

namespace GpuStack.Operator.Commands.Generate;

/// <summary>The operator's roles, for kustomize and for the chart.</summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
internal static class RbacFiles
{
    public static IReadOnlyList<string> Write(GeneratedFolder folder) =>
        [.. Texts().SelectMany(file => (string[])[folder.Write("config/rbac/" + file.Key, file.Value), folder.Write("charts/gpustack-operator/files/" + file.Key, file.Value)])];

    /// <summary>The files by name.</summary>
    public static IReadOnlyDictionary<string, string> Texts() => new Dictionary<string, string>
    {
        ["role.yaml"] = OperatorRole.ClusterRoleYaml(OperatorRole.Rules(typeof(RbacFiles).Assembly)),
        ["leader_election_role.yaml"] = OperatorRole.LeaderElectionYaml(),
    };
}
