using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Status;

/// <summary>Everything that a deployment's status is made of. Immutable.</summary>
internal sealed record DeploymentView
{
    /// <summary>The deployment, with its present status.</summary>
    public required ModelDeployment Deployment { get; init; }

    /// <summary>What the spec wants at all.</summary>
    public DeploymentIntent Intent { get; init; }

    /// <summary>The model's facts; null before they are known.</summary>
    public InspectedModel? Model { get; init; }

    /// <summary>Why the model's facts are not known; null while they are being read, or known.</summary>
    public InspectionFailedException? InspectionFailure { get; init; }

    /// <summary>The groups that have a plan.</summary>
    public ImmutableArray<GroupView> Groups { get; init; } = [];

    /// <summary>The plan of a deployment that only wants one.</summary>
    public PlacementPlan? Preview { get; init; }

    /// <summary>The planner's answer for a group that has no place; null when every group has one.</summary>
    public PlacementPlan? Refusal { get; init; }

    /// <summary>What kind of group has no place.</summary>
    public RefusedGroup? Refused { get; init; }

    /// <summary>Groups that cannot run where they are planned.</summary>
    public IReadOnlySet<int> Broken { get; init; } = new HashSet<int>();

    /// <summary>What only the user can mend besides the model.</summary>
    public StalledProblem? Problem { get; init; }

    /// <summary>What the API server refused; tried again.</summary>
    public string? ApplyFailure { get; init; }

    /// <summary>What the cluster refuses to create; null when nothing is missing, or that is not known.</summary>
    public CreationRefusal? Creation { get; init; }

    /// <summary>Whether most GPU nodes are NotReady, so that nothing is moved.</summary>
    public bool FleetMostlyDown { get; init; }

    /// <summary>The image of the leader's engine.</summary>
    public string? Image { get; init; }

    /// <summary>Variables that the operator set on the pods of a group.</summary>
    public IReadOnlyDictionary<int, IReadOnlyDictionary<string, string>> Environments { get; init; } =
        ImmutableDictionary<int, IReadOnlyDictionary<string, string>>.Empty;
}

/// <summary>What the spec wants at all.</summary>
internal enum DeploymentIntent
{
    /// <summary>Groups that serve.</summary>
    Run,

    /// <summary><c>replicas: 0</c>.</summary>
    ScaledToZero,

    /// <summary><c>suspend: true</c>.</summary>
    Suspended,

    /// <summary><c>planOnly: true</c>.</summary>
    PlanOnly,
}

/// <summary>What only the user can mend.</summary>
/// <param name="Reason">A reason of the condition Stalled.</param>
/// <param name="Message">The same in a sentence, with the remedy.</param>
internal sealed record StalledProblem(string Reason, string Message);
