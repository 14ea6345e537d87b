namespace GpuStack.Operator.Planning;

/// <summary>Names a ModelDeployment.</summary>
internal sealed record DeploymentKey(string Namespace, string Name)
{
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>Names a group of a ModelDeployment.</summary>
internal sealed record GroupKey(DeploymentKey Deployment, int Group)
{
    public override string ToString() => $"{Deployment}-{Group}";
}
