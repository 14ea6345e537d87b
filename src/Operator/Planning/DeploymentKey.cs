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

/// <summary>Groups that planning looks away from: one that is planned anew, or all of a deployment.</summary>
/// <param name="Deployment">Whose.</param>
/// <param name="Group">Which; null for all.</param>
internal sealed record ExceptedGroups(DeploymentKey Deployment, int? Group = null)
{
    public bool Covers(GroupKey group) => group.Deployment == Deployment && (Group is null || group.Group == Group);
}
