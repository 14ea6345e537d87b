using System.Diagnostics.CodeAnalysis;
using GpuStack.Operator.Permissions;

namespace GpuStack.Operator.Commands.Generate;

/// <summary>The operator's roles with their bindings for kustomize, and the roles for the chart, which makes bindings of its own.</summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
internal static class RbacFiles
{
    public const string KustomizeFolder = "config/rbac/";
    public const string ChartFolder = "charts/gpustack-operator/files/rbac/";

    public static IReadOnlyList<string> Write(GeneratedFolder folder) => [.. Texts().Select(file => folder.Write(file.Key, file.Value))];

    /// <summary>The files by path.</summary>
    public static IReadOnlyDictionary<string, string> Texts()
    {
        var rules = RoleRules.Of(typeof(RbacFiles).Assembly.GetTypes());
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var role in OperatorRoles.All.Where(role => rules.ContainsKey(role.Id)))
        {
            files[ChartFolder + role.File] = files[role.Folder + role.File] = RoleYaml.Role(role, rules[role.Id]);
            if (role.IsBound)
                files[role.Folder + role.BindingFile] = RoleYaml.Binding(role);
        }
        return files;
    }
}
