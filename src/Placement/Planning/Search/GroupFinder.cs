using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Placement.Planning.Report;
using GpuStack.Placement.Planning.Serving;

namespace GpuStack.Placement.Planning.Search;

/// <summary>What the planner must know of an engine: how to find the place of one group, and what nodes lack.</summary>
internal abstract class GroupFinder
{
    protected GroupFinder(PlacementRequest request) => Request = request;

    public PlacementRequest Request { get; }

    /// <summary>What the pods ask of their hosts.</summary>
    public abstract HostNeeds Needs { get; }

    public static GroupFinder? Of(PlacementRequest request) => request.Launch switch
    {
        LlamaCppLaunch launch => new LlamaCppFinder(request, launch),
        VllmLaunch or SglangLaunch => new ServingFinder(request),
        _ => null,
    };

    /// <summary>The place of one group; null when there is none.</summary>
    public abstract GroupPlan? Find(FleetSurvey survey, int index);

    /// <summary>Memory of one device that may be filled.</summary>
    public abstract Bytes Usable(Bytes memoryPerGpu);

    /// <summary>One node of the class holds the whole model on at most so many devices.</summary>
    public abstract bool Holds(NodeClass c, int gpus);

    /// <summary>A node of the class holds a part of the model beside others.</summary>
    public abstract bool Helps(NodeClass c);

    /// <summary>Why a node of the class does not hold the model, with numbers.</summary>
    public abstract string Lacks(NodeClass c, int gpus);

    /// <summary>What the model takes on so many devices.</summary>
    public abstract Bytes Need(int gpus);

    /// <summary>
    /// The host memory that keeps a node of the class from leading a group with layers on the host, and what for; null when nothing does.
    /// </summary>
    public virtual (Bytes Memory, string Purpose)? LacksForOffload(NodeClass c, int gpus) => null;

    /// <summary>
    /// The host memory that keeps a node of the class from using more of its GPUs, with which it would do, and what for; null when nothing does.
    /// </summary>
    public virtual (Bytes Memory, string Purpose)? LacksForProcesses(NodeClass c, ImmutableArray<GroupPlan> groups) => null;

    /// <summary>Why a node of the class cannot stand beside those that were taken, or beside its like; null when it can.</summary>
    public virtual NodeFinding? Misfit(FleetSurvey survey, NodeClass c, ImmutableArray<GroupPlan> groups, bool feasible) => null;

    /// <summary>Why no group has a place, in one sentence with numbers; null leaves it to the sums of all nodes.</summary>
    public virtual string? WhyNot(FleetSurvey survey) => null;
}
