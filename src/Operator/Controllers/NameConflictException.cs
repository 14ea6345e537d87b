namespace GpuStack.Operator.Controllers;

/// <summary>An object with a name that the operator needs exists and is not the operator's.</summary>
internal sealed class NameConflictException(string kind, string name) : Exception(
    $"{kind} {name} exists and does not belong to this deployment: delete or rename it, or the ModelDeployment");
