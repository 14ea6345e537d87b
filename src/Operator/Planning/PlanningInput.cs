using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling;
using GpuStack.Modeling.Transformers;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Planning.Volumes;

namespace GpuStack.Operator.Planning;

/// <summary>One deployment's question to the planner.</summary>
internal sealed record PlanningInput
{
    /// <summary>Who asks.</summary>
    public required DeploymentKey Deployment { get; init; }

    /// <summary>What is wanted; replicas are counted in <see cref="Replicas"/>.</summary>
    public required PlacementRequest Request { get; init; }

    /// <summary>See <see cref="PlannedGroup.InputHash"/>.</summary>
    public required string InputHash { get; init; }

    /// <summary>See <see cref="PlannedGroup.SourceKey"/>.</summary>
    public required string SourceKey { get; init; }

    /// <summary>See <see cref="PlannedGroup.DownloadUrl"/>.</summary>
    public string DownloadUrl { get; init; } = "";

    /// <summary>See <see cref="PlannedGroup.Revision"/>.</summary>
    public string Revision { get; init; } = "";

    /// <summary>Groups wanted.</summary>
    public required int Replicas { get; init; }

    /// <summary>Further groups for the time of an update, where there is room.</summary>
    public int Surge { get; init; }

    /// <summary>The place in the queue for capacity.</summary>
    public required WaitingRank Rank { get; init; }

    /// <summary>Volumes that single groups have for themselves, beside those of the request.</summary>
    public ImmutableDictionary<int, ImmutableArray<VolumeConstraint>> GroupVolumes { get; init; } = ImmutableDictionary<int, ImmutableArray<VolumeConstraint>>.Empty;

    /// <summary>Claims that the workers of single groups have for themselves.</summary>
    public ImmutableDictionary<int, WorkerClaims> WorkerClaims { get; init; } = ImmutableDictionary<int, WorkerClaims>.Empty;

    /// <summary>The RDMA resource that all nodes of a plan offer, if the spec wants one; null for no RDMA at all.</summary>
    public Func<GroupPlan, string?>? RdmaOf { get; init; }

    /// <summary>Groups that cannot run where they are planned (node lost, unschedulable).</summary>
    public IReadOnlySet<int> Broken { get; init; } = new HashSet<int>();

    /// <summary>Of broken groups, the nodes that have no room for them although they look as if they had: others are tried first.</summary>
    public ImmutableDictionary<int, ImmutableArray<string>> Full { get; init; } = ImmutableDictionary<int, ImmutableArray<string>>.Empty;

    /// <summary>Groups that may be planned anew although they could run: their turn in an update has come.</summary>
    public IReadOnlySet<int> MayUpdate { get; init; } = new HashSet<int>();

    /// <summary>The question for one group: one replica, with the group's own volumes, beside the groups that keep their places.</summary>
    /// <param name="index">The group's index.</param>
    /// <param name="present">The plans in force of the deployment.</param>
    public PlacementRequest RequestOf(int index, IEnumerable<PlannedGroup> present)
    {
        var leaders = present.Where(group => group.Index != index && !Broken.Contains(group.Index)).Select(group => group.Plan.Leader.Node).ToArray();
        var request = Request with { Replicas = 1, Volumes = Request.Volumes.AddRange(GroupVolumes.GetValueOrDefault(index, [])), WorkerClaims = ClaimsOf(index) };
        return request.Beside(leaders);
    }

    /// <summary>A plan with what its objects are made of.</summary>
    public PlannedGroup Decided(GroupPlan plan)
    {
        var group = new PlannedGroup
        {
            InputHash = InputHash,
            SourceKey = SourceKey,
            DownloadUrl = DownloadUrl,
            Revision = Revision,
            RdmaResource = RdmaOf?.Invoke(plan),
            Plan = plan,
        };
        return Request.Launch switch
        {
            LlamaCppLaunch launch => group with { Options = launch.Options, Model = launch.Model },
            VllmLaunch launch => group with { Serving = Served(EngineType.VLLM, launch.Served.Model, launch.ContextLength) },
            SglangLaunch launch => group with { Serving = Served(EngineType.SGLang, launch.Served.Model, launch.ContextLength) },
            var other => throw new InvalidOperationException($"Nothing is known of {other.GetType().Name}."),
        };

        static ServedGroup Served(EngineType engine, TransformerModel model, Tokens context) => new() { Engine = engine, Model = model, ContextLength = context };
    }

    /// <summary>Groups in sets that may be planned by one question: their own volumes, if they have any, are on the same nodes.</summary>
    /// <param name="groups">Indexes of groups.</param>
    public IEnumerable<IReadOnlyList<int>> Alike(IEnumerable<int> groups) =>
        groups.GroupBy(index => $"{Places(GroupVolumes.GetValueOrDefault(index, []))}\n\n{Places(ClaimsOf(index).Claims)}", StringComparer.Ordinal).Select(set => set.ToArray());

    private WorkerClaims ClaimsOf(int index) => WorkerClaims.GetValueOrDefault(index, Placement.Planning.Volumes.WorkerClaims.None);

    private static string Places(ImmutableArray<VolumeConstraint> volumes) =>
        string.Join('\n', volumes.Select(volume => string.Join(" or ", volume.Alternatives.Select(term =>
            string.Join(" and ", term.Names.Concat(term.Labels).Select(Text))))));

    private static string Text(NodeRequirement requirement) =>
        $"{requirement.Key} {requirement.Operator} {string.Join(',', requirement.Values.Order(StringComparer.Ordinal))}";
}
