using GpuStack.Modeling;

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
}
