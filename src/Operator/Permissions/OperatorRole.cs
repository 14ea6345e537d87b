using GpuStack.Operator.Commands.Generate;

namespace GpuStack.Operator.Permissions;

/// <summary>One role of the operator, and the files it is generated into.</summary>
/// <param name="Id">What an attribute's <c>Role</c> says.</param>
/// <param name="Reach">Whose objects it speaks of.</param>
/// <param name="IsBound">Whether the operator itself has it: a role for others is bound by those who need it.</param>
internal sealed record OperatorRole(string Id, RoleReach Reach, bool IsBound = true)
{
    /// <summary>The object's name, also that of its binding.</summary>
    public string Name => Id == OperatorRoles.Namespaces ? OperatorRoles.Operator : $"{OperatorRoles.Operator}-{Id}";

    /// <summary>The file's name, such as <c>fleet_role.yaml</c>.</summary>
    public string File => Id == OperatorRoles.Namespaces ? "role.yaml" : Id.Replace('-', '_') + "_role.yaml";

    /// <summary>The folder of kustomize that installs it: what only the webhook needs comes with the webhook.</summary>
    public string Folder => Id is OperatorRoles.Webhook or OperatorRoles.WebhookConfiguration ? "config/webhook/" : RbacFiles.KustomizeFolder;

    /// <summary>The name of the binding's file, such as <c>fleet_role_binding.yaml</c>.</summary>
    public string BindingFile => Path.GetFileNameWithoutExtension(File) + "_binding.yaml";
}
