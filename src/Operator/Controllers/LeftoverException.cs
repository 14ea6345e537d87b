namespace GpuStack.Operator.Controllers;

/// <summary>A child of a deleted deployment of the same name is still there; it goes by itself.</summary>
internal sealed class LeftoverException(string kind, string name) : Exception(
    $"{kind} {name} of a deleted ModelDeployment of the same name is still being removed");
